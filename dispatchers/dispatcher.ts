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
  /** The live workers, as this process judges by their beats. */
  readonly workers: Pick<LiveWorkers, 'watching'>;
  readonly cache: StateCache;
  readonly gateway: DeliveryGateway;
  readonly clock: Clock;
  readonly dedupe: DedupeWindow;
  readonly secret: string;
  readonly measures?: Measures;
  /** The log of updates for other datacenters; undefined if there are none. */
  readonly log?: EventLog | undefined;
  /** Called for each failed step, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Ids that a partition remembers; `MAX_IDS` if not given. */
  readonly maxIds?: number | undefined;
  /** Replacements of classes, for tests. */
  readonly refill?: typeof CacheRefill | undefined;
  readonly service?: typeof SubscriptionService | undefined;
  /** Replacements of a partition's classes, for tests. */
  readonly partitionClasses?: {
    fold?: typeof Fold;
    duplicates?: typeof DuplicateFilter;
    crossDatacenter?: typeof CrossDatacenterDuplicates;
    peers?: typeof Peers;
  };
}

/** One dispatcher: it owns partitions, delivers updates, and answers frontends that subscribe. */
export class Dispatcher {
  readonly subscriptions: SubscriptionService;
  private readonly owner: PartitionOwner;
  private readonly dispatch: Dispatch;
  private readonly outboxes: Outboxes;
  private readonly publisher: PeerPublisher | undefined;
  private readonly refill: CacheRefill;

  constructor(private readonly options: DispatcherOptions) {
    this.subscriptions = new (options.service ?? SubscriptionService)(options);
    this.outboxes = new Outboxes(options);
    const { log } = options;
    this.publisher = log && new PeerPublisher({ ...options, log });
    this.dispatch = new Dispatch({ ...options, outboxes: this.outboxes });
    const open = (partition: number, assignment: Assignment) =>
      this.openPartition(partition, assignment);
    this.owner = new PartitionOwner({
      ...{ ...options, dispatch: this.dispatch, open },
      publisher: this.publisher,
    });
    this.refill = new (options.refill ?? CacheRefill)({
      ...options,
      held: () => this.owner.held(),
    });
  }

  start(): Promise<void> {
    return this.owner.start();
  }

  async stop(): Promise<void> {
    await this.owner.stop();
    this.publisher?.close();
    this.refill.close();
    this.dispatch.close();
    this.outboxes.close();
  }

  /** Writes all held states into the cache again, because it may have lost them or be older. */
  refillCache(): void {
    this.refill.begin();
  }

  /** The number of workers with undelivered updates. */
  get deliveriesInFlight(): number {
    return this.outboxes.size;
  }

  private openPartition(number: number, assignment: Assignment): Partition {
    const { clock, dedupe, failed, maxIds, origin, partitionClasses } = this.options;
    const { measures = UNMEASURED, secret, source, states, store } = this.options;
    const versions = new SavedVersions(origin, assignment.end, (known) =>
      source.verifyEnd(number, known),
    );
    const followsAnotherLog = !origin.endsWith(FIRST_GENERATION);
    return new Partition(assignment, {
      fold: new (partitionClasses?.fold ?? Fold)(origin, states, versions),
      duplicates: new (partitionClasses?.duplicates ?? DuplicateFilter)(assignment, {
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
    const { log, partitionClasses, secret } = this.options;
    if (!log) return undefined;
    const duplicates = new (partitionClasses?.crossDatacenter ?? CrossDatacenterDuplicates)({
      ...this.options,
      log,
    });
    return new (partitionClasses?.peers ?? Peers)({ duplicates, secret });
  }
}
