import type { Contributions } from '../adapters/contributions';
import type { DeliveryGateway } from '../adapters/delivery-gateway';
import type { Directory } from '../adapters/directory';
import type { Leases } from '../adapters/leases';
import type { Moments } from '../adapters/moments';
import type { StateCache } from '../adapters/state-cache';
import { datacenterOf, leasedOriginOf } from '../schemas/origins';
import type { Feeds } from '../schemas/state';
import { CacheRefill } from './delivery/cache-refill';
import { Dispatch } from './delivery/dispatch';
import { Outboxes } from './delivery/outbox';
import { Lane, type LaneOptions } from './lane';
import { LeasedFeeds } from './leased/leased-feeds';
import { MomentLink } from './moments/moment-link';
import { SubscriptionService } from './subscriptions';
import type { LiveWorkers } from './workers/live-workers';

export interface DispatcherOptions extends Omit<LaneOptions, 'dispatch'> {
  readonly directory: Directory;
  readonly leases: Leases;
  /** The live workers, as this process judges by their beats. */
  readonly workers: Pick<LiveWorkers, 'watching'> &
    Partial<Pick<LiveWorkers, 'expect' | 'removesValues'>>;
  /** Undefined if there are no leased feeds. */
  readonly contributions?: Contributions | undefined;
  /** The log of moments; undefined if no type needs it. */
  readonly moments?: Moments | undefined;
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
  /** Undefined if there are no leased feeds. */
  readonly leased: LeasedFeeds | undefined;
  private readonly lanes: readonly Lane[];
  private readonly dispatch: Dispatch;
  private readonly outboxes: Outboxes;
  private readonly refill: CacheRefill;
  private readonly moments: MomentLink | undefined;

  constructor(options: DispatcherOptions) {
    this.outboxes = new Outboxes(options);
    this.dispatch = new Dispatch({ ...options, outboxes: this.outboxes });
    this.leased = this.leasedFeeds(options);
    this.moments = this.momentLink(options);
    const serviceOptions = { ...options, leased: this.leased };
    this.subscriptions = new (options.service ?? SubscriptionService)(serviceOptions);
    const laneOptions = { ...options, dispatch: this.dispatch };
    this.lanes = options.types.logged.map((type) => new Lane(type, laneOptions));
    this.refill = new (options.refill ?? CacheRefill)({ ...options, held: () => this.held() });
  }

  /** Resolves once the logs of all types are read. A type whose start fails stops no other. */
  async start(): Promise<void> {
    await Promise.all([this.moments?.start(), ...this.lanes.map((lane) => lane.start())]);
  }

  /** Stops all lanes, and dispatches what waits. Rejects if a lane was not stopped in order. */
  async stop(): Promise<void> {
    const stopping = [this.moments?.stop(), ...this.lanes.map((lane) => lane.stop())];
    const stopped = await Promise.allSettled(stopping);
    this.refill.close();
    await this.dispatch.finish();
    await this.leased?.finish();
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

  private leasedFeeds(options: DispatcherOptions): LeasedFeeds | undefined {
    const { contributions, workers } = options;
    if (!contributions) return undefined;
    const leased = new LeasedFeeds({
      ...{ ...options, contributions, dispatch: this.dispatch },
      expect: (contributor) => workers.expect?.(contributor),
      origin: leasedOriginOf(datacenterOf(options.origin)),
    });
    workers.removesValues?.(leased);
    return leased;
  }

  private momentLink(options: DispatcherOptions): MomentLink | undefined {
    const { moments } = options;
    if (!moments) return undefined;
    return new MomentLink({
      ...{ ...options, moments, dispatch: this.dispatch, leased: this.leased },
      datacenter: datacenterOf(options.origin),
      hasPeers: options.log !== undefined,
    });
  }

  private *held(): Generator<readonly [string, Feeds]> {
    for (const lane of this.lanes) yield* lane.held();
  }
}
