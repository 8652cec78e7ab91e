/** One event on its way into the log. */
export interface LogEntry {
  /** The channel. */
  readonly key: string;
  /** The event's record, as JSON. */
  readonly value: string;
}

/** The event log, as producers and owners see it. */
export interface EventLog {
  /**
   * Appends and gives each entry's offset in its partition, once all are safe (acks=all, or synced).
   * Entries of one call and one partition keep their order. Rejects with `log_refused` if none of
   * the entries is or will be in the log, and with `log_unavailable` if they may be.
   */
  // A property, so that the compiler never takes a `PartitionLog` for a `Log`.
  readonly append: (topic: string, entries: readonly LogEntry[]) => Promise<readonly number[]>;
}
