/**
 * How far a partition is done. All records below `done` are folded, saved and stored. A successor
 * reads from `from`, which lies before `done` by the time in which copies of an id may come.
 */
export interface Position {
  readonly done: number;
  readonly from: number;
  /**
   * All records below this offset are folded and saved. It is `done` or greater, because a producer
   * confirms later that its rows are stored. A log that ends before it has lost counted records.
   */
  readonly counted?: number | undefined;
  /** The log's time up to `done`, as `dedupe-window.ts` defines it; undefined while it has none. */
  readonly logTime?: number | undefined;
  /** Until this log time every id is looked up: some ids before `from` are still needed. */
  readonly lookUpUntil?: number | undefined;
}

/** The offset that the log must reach: a log that ends before it has lost records. */
export function knownEnd({ counted, done }: Position): number {
  return Math.max(done, counted ?? 0);
}

/** The position from which a new owner begins. */
export interface Assignment extends Position {
  /** The offset after the last record of the log when the partition was assigned. */
  readonly end: number;
}

/** The assignment, with all ids looked up at least until this log time. */
export function lookingUpUntil(assignment: Assignment, until: number | undefined): Assignment {
  const lookUpUntil = Math.max(until ?? 0, assignment.lookUpUntil ?? 0);
  return lookUpUntil > 0 ? { ...assignment, lookUpUntil } : assignment;
}
