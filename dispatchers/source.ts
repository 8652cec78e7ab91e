import type { Told } from '../schemas/broadcast';

/** One record of the log. */
export interface LogRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** When the log appended it, by the log's own clock, ms since the epoch. That clock may step. */
  readonly appendedAt: number;
}

/**
 * How far a partition is done. All below `done` is folded, saved and stored; a successor reads from
 * `from` on, which lies before it by the window in which copies of an id may come.
 */
export interface Position {
  readonly done: number;
  readonly from: number;
  /**
   * All below is folded and saved. This is `done` or greater: a producer may not have said yet that
   * its rows are stored. A log that ends before it has lost counted records.
   */
  readonly counted?: number | undefined;
  /** The log's time up to `done`, as `dedupe-window.ts` defines it; undefined while it has none. */
  readonly logTime?: number | undefined;
  /** Until this log time every id is looked up: some ids before `from` are still needed. */
  readonly lookUpUntil?: number | undefined;
}

/** The end of what a position vouches for: a log that ends before it has lost records. */
export function knownEnd({ counted, done }: Position): number {
  return Math.max(done, counted ?? 0);
}

/** Where a new owner begins. */
export interface Assignment extends Position {
  /** The offset after the last record that was there when the partition was assigned. */
  readonly end: number;
}

/** The assignment if all ids are looked up at least until this log time, too. */
export function lookingUpUntil(assignment: Assignment, until: number | undefined): Assignment {
  const lookUpUntil = Math.max(until ?? 0, assignment.lookUpUntil ?? 0);
  return lookUpUntil > 0 ? { ...assignment, lookUpUntil } : assignment;
}

/** Whoever owns partitions: told what it has, fed, and told what it has no more. */
export interface PartitionOwner {
  assigned(partition: number, assignment: Assignment): void;
  /**
   * Records of one partition, in order; the next ones come when this has resolved. After a
   * rejection they are offered again, unless it is final: then the process ends.
   */
  records(partition: number, records: readonly LogRecord[]): Promise<void>;
  /**
   * What other datacenters tell of one partition's channels, in order, some of it again; rejects for
   * it to be handed over once more.
   */
  told(partition: number, tales: readonly Told[]): Promise<void>;
  /**
   * Whether likes of these updates wait in memory to be cancelled, or the partition is not owned. No
   * position in its peers' topics may be committed then: a successor finds these likes only there.
   */
  isCancelPending(partition: number): boolean;
  /** Let go of the partition, in time or late: another member may own it already. */
  revoked(partition: number): Promise<void>;
}

/** The event log, as a member of the consumer group sees it. */
export interface Source {
  /** Joins the group and feeds `owner` until `stop`. */
  start(owner: PartitionOwner): Promise<void>;
  /** Records how far a partition is done. Rejects for one that this member owns no more. */
  commit(partition: number, position: Position): Promise<void>;
  /**
   * Resolves with the offset after the last record of a partition now. Rejects with `log_mismatch`
   * if that is before `known`: the log has lost records that were counted.
   */
  verifyEnd(partition: number, known: number): Promise<number>;
  /** Lets go of all partitions and leaves the group. */
  stop(): Promise<void>;
}
