import type { DeliveryGateway } from '../adapters/delivery-gateway';
import type { Directory } from '../adapters/directory';
import type { Leases } from '../adapters/leases';
import type { StateCache } from '../adapters/state-cache';
import type { Feeds } from '../schemas/state';
import { CacheRefill } from './delivery/cache-refill';
import { Dispatch } from './delivery/dispatch';
import { Outboxes } from './delivery/outbox';
import { Lane, type LaneOptions } from './lane';
import { SubscriptionService } from './subscriptions';
import type { LiveWorkers } from './workers/live-workers';

export interface DispatcherOptions extends Omit<LaneOptions, 'dispatch'> {
  readonly directory: Directory;
  readonly leases: Leases;
  /** The live workers, as this process judges by their beats. */
  readonly workers: Pick<LiveWorkers, 'watching'>;
  readonly cache: StateCache;
  readonly gateway: DeliveryGateway;
  /** Replacements of classes, for tests. */
  readonly refill?: typeof CacheRefill | undefined;
  readonly service?: typeof SubscriptionService | undefined;
}

/**
 * One dispatcher: it owns partitions of each event type's log, delivers updates, and answers
 * frontends that subscribe.
 */
export class Dispatcher {
  readonly subscriptions: SubscriptionService;
  private readonly lanes: readonly Lane[];
  private readonly dispatch: Dispatch;
  private readonly outboxes: Outboxes;
  private readonly refill: CacheRefill;

  constructor(options: DispatcherOptions) {
    this.subscriptions = new (options.service ?? SubscriptionService)(options);
    this.outboxes = new Outboxes(options);
    this.dispatch = new Dispatch({ ...options, outboxes: this.outboxes });
    const laneOptions = { ...options, dispatch: this.dispatch };
    this.lanes = options.types.logged.map((type) => new Lane(type, laneOptions));
    this.refill = new (options.refill ?? CacheRefill)({ ...options, held: () => this.held() });
  }

  /** Resolves once the logs of all types are read. A type whose start fails stops no other. */
  async start(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.start()));
  }

  /** Stops all lanes, and dispatches what waits. Rejects if a lane was not stopped in order. */
  async stop(): Promise<void> {
    const stopped = await Promise.allSettled(this.lanes.map((lane) => lane.stop()));
    this.refill.close();
    await this.dispatch.finish();
    this.outboxes.close();
    for (const result of stopped) if (result.status === 'rejected') throw result.reason;
  }

  /** Writes all held states into the cache again, because it may have lost them or be older. */
  refillCache(): void {
    this.refill.begin();
  }

  /** The number of workers with undelivered updates. */
  get deliveriesInFlight(): number {
    return this.outboxes.size;
  }

  private *held(): Generator<readonly [string, Feeds]> {
    for (const lane of this.lanes) yield* lane.held();
  }
}
