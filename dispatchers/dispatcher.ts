import type { DeliveryGateway } from '../adapters/delivery-gateway';
import type { Directory } from '../adapters/directory';
import type { EventLog } from '../adapters/event-log';
import type { Leases } from '../adapters/leases';
import type { LogRecord, LogSource } from '../adapters/log-source';
import type { RowStore } from '../adapters/row-store';
import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { Clock } from '../runtime/clock';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Assignment } from '../schemas/position';
import { CacheRefill } from './delivery/cache-refill';
import { Dispatch } from './delivery/dispatch';
import { Outboxes } from './delivery/outbox';
import { DuplicateFilter } from './owner/duplicate-filter';
import { Fold } from './owner/fold';
import { Partition } from './owner/partition';
import { PartitionOwner } from './owner/partition-owner';
import { SavedVersions } from './owner/saved-versions';
import { CrossDatacenterDuplicates } from './peers/cross-datacenter-duplicates';
import { PeerPublisher } from './peers/peer-publisher';
import { Peers } from './peers/peers';
import { SubscriptionService } from './subscriptions';
import type { LiveWorkers } from './workers/live-workers';

/** The suffix of the origin of a datacenter's first log. */
const FIRST_GENERATION = '.1';

export interface DispatcherOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly source: LogSource;
  readonly store: RowStore;
  readonly states: StateStore;
  readonly directory: Directory;
  readonly leases: Leases;
  /** The live workers, as this process judges. */
  readonly workers: Pick<LiveWorkers, 'watching'>;
  readonly cache: StateCache;
  readonly gateway: DeliveryGateway;
  readonly clock: Clock;
  readonly dedupe: DedupeWindow;
  readonly secret: string;
  readonly measures?: Measures;
  /** Where there are other datacenters: the log that they are told through. */
  readonly log?: EventLog | undefined;
  readonly failed: (doing: string, error: unknown) => void;
  /** Ids that a partition remembers; `MAX_IDS` if not given. */
  readonly maxIds?: number | undefined;
  /** In place of the usual ones. */
  readonly refill?: typeof CacheRefill | undefined;
  readonly service?: typeof SubscriptionService | undefined;
  /** Parts of a partition in place of the usual ones. */
  readonly partitionParts?: {
    fold?: typeof Fold;
    duplicates?: typeof DuplicateFilter;
    doubles?: typeof CrossDatacenterDuplicates;
    peers?: typeof Peers;
  };
}

/** One dispatcher: owner of partitions, and whom frontends subscribe through. */
export class Dispatcher {
  readonly subscriptions: SubscriptionService;
  private readonly consumer: PartitionOwner;
  private readonly dispatch: Dispatch;
  private readonly outboxes: Outboxes;
  private readonly publisher: PeerPublisher | undefined;
  private readonly refill: CacheRefill;

  constructor(private readonly parts: DispatcherOptions) {
    this.subscriptions = new (parts.service ?? SubscriptionService)(parts);
    this.outboxes = new Outboxes(parts);
    const { log } = parts;
    this.publisher = log && new PeerPublisher({ ...parts, log });
    this.dispatch = new Dispatch({ ...parts, outboxes: this.outboxes });
    const open = (partition: number, assignment: Assignment) =>
      this.openPartition(partition, assignment);
    this.consumer = new PartitionOwner({
      ...{ ...parts, dispatch: this.dispatch, open },
      publisher: this.publisher,
    });
    this.refill = new (parts.refill ?? CacheRefill)({ ...parts, held: () => this.consumer.held() });
  }

  start(): Promise<void> {
    return this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
    this.publisher?.close();
    this.refill.close();
    this.dispatch.close();
    this.outboxes.close();
  }

  /** Puts all held states into the cache again: it may have lost them, or gone back in time. */
  refillCache(): void {
    this.refill.begin();
  }

  /** Workers that a delivery is on its way to. */
  get deliveriesInFlight(): number {
    return this.outboxes.size;
  }

  private openPartition(number: number, assignment: Assignment): Partition {
    const { clock, dedupe, failed, maxIds, origin, partitionParts } = this.parts;
    const { measures = UNMEASURED, secret, source, states, store } = this.parts;
    const versions = new SavedVersions(origin, assignment.end, (known) =>
      source.verifyEnd(number, known),
    );
    const followsAnotherLog = !origin.endsWith(FIRST_GENERATION);
    return new Partition(assignment, {
      fold: new (partitionParts?.fold ?? Fold)(origin, states, versions),
      duplicates: new (partitionParts?.duplicates ?? DuplicateFilter)(assignment, {
        ...{ clock, dedupe, followsAnotherLog, maxIds },
      }),
      unreadable: ({ offset }: LogRecord) => failed('read', new Error(`record ${offset}`)),
      measures,
      windowMs: dedupe.windowMs,
      origin,
      store,
      clock,
      secret,
      peers: this.peers(),
    });
  }

  private peers(): Peers | undefined {
    const { log, partitionParts, secret } = this.parts;
    if (!log) return undefined;
    const doubles = new (partitionParts?.doubles ?? CrossDatacenterDuplicates)({
      ...this.parts,
      log,
    });
    return new (partitionParts?.peers ?? Peers)({ doubles, secret });
  }
}
