import type { EventLog } from '../adapters/event-log';
import type { History } from '../adapters/history';
import type { LogRecord, LogSource } from '../adapters/log-source';
import type { RowStore } from '../adapters/row-store';
import type { StateStore } from '../adapters/state-store';
import type { Clock } from '../runtime/clock';
import type { DedupeWindow } from '../schemas/dedupe-window';
import type { LoggedType } from '../schemas/event-type';
import type { EventTypes } from '../schemas/event-types';
import { type Measures, UNMEASURED } from '../schemas/measures';
import { generationOf } from '../schemas/origins';
import type { Assignment } from '../schemas/position';
import type { Feeds } from '../schemas/state';
import type { Dispatch } from './delivery/dispatch';
import { DuplicateFilter } from './owner/duplicate-filter';
import { Fold } from './owner/fold';
import { HistorySync } from './owner/history-sync';
import { Partition } from './owner/partition';
import { PartitionOwner } from './owner/partition-owner';
import { SavedVersions } from './owner/saved-versions';
import { CrossDatacenterDuplicates } from './peers/cross-datacenter-duplicates';
import { PeerPublisher } from './peers/peer-publisher';
import { Peers } from './peers/peers';
import { PendingDeletions } from './peers/pending-deletions';

/** The generation of a datacenter's first log. */
const FIRST_GENERATION = 1;

export interface LaneOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly types: EventTypes;
  /** The log of a type, as this process reads it. */
  readonly sourceOf: (type: LoggedType) => LogSource;
  /** The rows of a type. */
  readonly rowsOf: (type: LoggedType) => RowStore;
  /** The history of a type that has one; types without it are not asked for. */
  readonly historyOf?: ((type: LoggedType) => History) | undefined;
  readonly states: StateStore;
  readonly dispatch: Pick<Dispatch, 'changed'>;
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
  /** Replacements of a partition's classes, for tests. */
  readonly partitionClasses?: {
    fold?: typeof Fold;
    duplicates?: typeof DuplicateFilter;
    crossDatacenter?: typeof CrossDatacenterDuplicates;
    peers?: typeof Peers;
    deletions?: typeof PendingDeletions;
  };
}

/**
 * Owns the log of one event type: its partitions, and its updates for other datacenters. The lanes
 * of a dispatcher share only the dispatch, so a type whose log or rows fail delays no other.
 */
export class Lane {
  private readonly owner: PartitionOwner;
  private readonly publisher: PeerPublisher | undefined;
  private readonly source: LogSource;
  private readonly store: RowStore;

  constructor(
    private readonly type: LoggedType,
    private readonly options: LaneOptions,
  ) {
    const { log } = options;
    this.source = options.sourceOf(type);
    this.store = options.rowsOf(type);
    this.publisher = log && new PeerPublisher({ ...options, log, type });
    this.owner = new PartitionOwner({
      ...{ ...options, type, source: this.source, publisher: this.publisher },
      open: (partition, assignment) => this.openPartition(partition, assignment),
    });
  }

  start(): Promise<void> {
    return this.owner.start();
  }

  async stop(): Promise<void> {
    try {
      await this.owner.stop();
    } finally {
      this.publisher?.close();
    }
  }

  /** The feeds that the owned partitions hold, by channel. */
  *held(): Generator<readonly [string, Feeds]> {
    for (const [channel, vector] of this.owner.held())
      yield [channel, { [this.type.name]: vector }];
  }

  private openPartition(number: number, assignment: Assignment): Partition {
    const { clock, dedupe, failed, maxIds, measures = UNMEASURED, origin } = this.options;
    const { partitionClasses, secret } = this.options;
    const { source, store, type } = this;
    const versions = new SavedVersions(origin, assignment.end, (known) =>
      source.verifyEnd(number, known),
    );
    const followsAnotherLog = generationOf(origin) !== FIRST_GENERATION;
    return new Partition(assignment, {
      ...{ type, origin, store, clock, secret, measures },
      fold: new (partitionClasses?.fold ?? Fold)({
        ...{ ...this.options, type, versions, history: this.history() },
      }),
      duplicates: new (partitionClasses?.duplicates ?? DuplicateFilter)(assignment, {
        ...{ clock, dedupe, followsAnotherLog, maxIds },
      }),
      unreadable: ({ offset }: LogRecord) => failed('read', new Error(`record ${offset}`)),
      windowMs: dedupe.windowMs,
      peers: this.peers(),
      deletions: this.deletions(),
    });
  }

  /** Undefined if the type has no history. */
  private history(): HistorySync | undefined {
    const { historyOf, origin } = this.options;
    const history = this.type.hasHistory ? historyOf?.(this.type) : undefined;
    return history && new HistorySync({ history, origin });
  }

  /** Undefined if no other datacenter can delete entries. */
  private deletions(): PendingDeletions | undefined {
    const { log, partitionClasses } = this.options;
    const { store, type } = this;
    if (!log || !type.isDeletable) return undefined;
    return new (partitionClasses?.deletions ?? PendingDeletions)({
      ...this.options,
      log,
      store,
      type,
    });
  }

  /** Undefined if no ids are compared; states of other datacenters are merged in any case. */
  private peers(): Peers | undefined {
    const { log, partitionClasses, secret } = this.options;
    const { store, type } = this;
    if (!log || !type.exact) return undefined;
    const duplicates = new (partitionClasses?.crossDatacenter ?? CrossDatacenterDuplicates)({
      ...{ ...this.options, log, store, type },
    });
    return new (partitionClasses?.peers ?? Peers)({ duplicates, secret, type });
  }
}
