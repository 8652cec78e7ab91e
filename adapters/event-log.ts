/** One event to append to the log. */
export interface LogEntry {
  /** The channel. */
  readonly key: string;
  /** The event's record, as JSON. */
  readonly value: string;
}

/** The event log, as producers and owners see it. */
export interface EventLog {
  /**
   * Appends entries; resolves with each entry's offset in its partition once all are durable
   * (acks=all, or synced). Entries of one call and one partition keep their order. Rejects with
   * `log_refused` if none of the entries is or will be in the log, and with `log_unavailable` if
   * some may be.
   */
  // A property, because the compiler compares its parameters strictly: no `PartitionLog` fits.
  readonly append: (topic: string, entries: readonly LogEntry[]) => Promise<readonly number[]>;
}
