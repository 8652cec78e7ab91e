import type { Log } from '../producers/log';
import type { LikeStore } from '../producers/store';
import type { Clock } from '../runtime/clock';
import type { Update } from '../schemas/delivery';
import { type Measures, UNMEASURED } from '../schemas/measures';
import { Broadcast } from './broadcast';
import { Consumer } from './consume';
import type { Directory, StateCache } from './directory';
import { Dispatch } from './dispatch';
import { Fold } from './fold';
import type { Gateway } from './gateway';
import { Outboxes } from './outbox';
import { Partition } from './partition';
import type { Peers } from './peers';
import type { LogRecord, Position, Source } from './source';
import type { StateStore } from './states';
import { SubscriptionService } from './subscriptions';
import { UnstoredRecords } from './unstored';
import { whole } from './whole';
import { Window } from './window';

export interface DispatcherParts {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly source: Source;
  readonly store: LikeStore;
  readonly states: StateStore;
  readonly directory: Directory;
  readonly cache: StateCache;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly windowMs: number;
  readonly secret: string;
  readonly measures?: Measures;
  /** Other datacenters: where they are told, and what they tell. */
  readonly peers?: { readonly log: Log; readonly told: Peers } | undefined;
  readonly failed: (doing: string, error: unknown) => void;
  /** Parts of a partition in place of the usual ones. */
  readonly partitionParts?: { fold?: typeof Fold; window?: typeof Window };
}

/** One dispatcher: owner of partitions, and whom frontends subscribe through. */
export class Dispatcher {
  readonly subscriptions: SubscriptionService;
  private readonly consumer: Consumer;
  private readonly dispatch: Dispatch;
  private readonly outboxes: Outboxes;
  private readonly broadcast: Broadcast | undefined;

  constructor(private readonly parts: DispatcherParts) {
    this.subscriptions = new SubscriptionService(parts);
    this.outboxes = new Outboxes(parts);
    const { peers } = parts;
    this.broadcast = peers && new Broadcast({ ...parts, log: peers.log });
    this.dispatch = new Dispatch({
      ...{ ...parts, outboxes: this.outboxes },
      ...(peers && { complete: (updates: readonly Update[]) => whole(updates, parts) }),
    });
    const open = (_: number, position: Position) => this.openPartition(position);
    this.consumer = new Consumer({
      ...{ ...parts, dispatch: this.dispatch, open },
      broadcast: this.broadcast,
    });
  }

  async start(): Promise<void> {
    await this.consumer.start();
    await this.parts.peers?.told.start((updates) => this.dispatch.changed(updates));
  }

  async stop(): Promise<void> {
    await this.parts.peers?.told.stop();
    await this.consumer.stop();
    this.broadcast?.close();
    this.dispatch.close();
    this.outboxes.close();
  }

  /** Workers that a delivery is on its way to. */
  get deliveriesInFlight(): number {
    return this.outboxes.size;
  }

  private openPartition(position: Position): Partition {
    const { clock, failed, origin, partitionParts, secret, states, store, windowMs } = this.parts;
    const { measures = UNMEASURED } = this.parts;
    return new Partition(position, {
      fold: new (partitionParts?.fold ?? Fold)(origin, states),
      window: new (partitionParts?.window ?? Window)(windowMs),
      unstored: new UnstoredRecords(windowMs),
      unreadable: ({ offset }: LogRecord) => failed('read', new Error(`record ${offset}`)),
      measures,
      windowMs,
      store,
      clock,
      secret,
    });
  }
}
