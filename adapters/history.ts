/** An entry or a deletion in the history of a channel's events of one type, in one log. */
export interface HistoryRow {
  /** Its offset in the log. */
  readonly offset: number;
  /** 1 for the first one of the channel in this log, 2 for the next, without a gap. */
  readonly number: number;
  /** The id of the entry. */
  readonly id: string;
  /** Whether this row is the deletion of the entry with this id. */
  readonly isDeletion: boolean;
}

/** A part of a channel's history. */
export interface HistoryRange {
  readonly channel: string;
  /** The origin of the log. */
  readonly origin: string;
  /** Only rows with a greater offset. */
  readonly after?: number | undefined;
  /** Only rows with a lower offset. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/**
 * The order of the entries of one event type; their bodies are in the rows. The owner of a log
 * writes it. All methods reject with `store_unavailable`.
 */
export interface History {
  /** Writes rows of one channel durably. Idempotent: a row of an offset is always the same. */
  write(channel: string, origin: string, rows: readonly HistoryRow[]): Promise<void>;
  /**
   * The first rows of a range, the lowest offset first. While rows are written, some may be
   * missing, or all after a missing one.
   */
  oldest(range: HistoryRange): Promise<readonly HistoryRow[]>;
  /** The last rows of a range, the greatest offset first; as `oldest` while rows are written. */
  newest(range: HistoryRange): Promise<readonly HistoryRow[]>;
}
