import type { AnyRecord } from '../schemas/record';

/** One event to append to the log. */
export interface LogEntry {
  /** The channel. */
  readonly key: string;
  /** The event's record, as JSON. */
  readonly value: string;
  /** What `value` has, parsed: the embedded log hands it to its readers. It never changes. */
  readonly parsed?: AnyRecord | undefined;
}

/** The event logs, as producers and owners see them. */
export interface EventLog {
  /**
   * Appends entries to a log, which is an event type's name or `updatesOf` it. Resolves with each
   * entry's offset in its partition once all are durable (acks=all, or synced). Entries of one call
   * and one partition keep their order. Rejects with
   * `log_refused` if none of the entries is or will be in the log, and with `log_unavailable` if
   * some may be.
   */
  // A property, because the compiler compares its parameters strictly: no `PartitionLog` fits.
  readonly append: (log: string, entries: readonly LogEntry[]) => Promise<readonly number[]>;
}
