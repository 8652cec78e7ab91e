/** An entry's row, with the copy of each log. */
export interface ScannedRow {
  readonly channel: string;
  readonly id: string;
  /** By origin, the body of the copy in its log. */
  readonly bodies: ReadonlyMap<string, unknown>;
  /** The origins whose logs have cancelled their copy. */
  readonly withdrawn: ReadonlySet<string>;
}

/** Reads the rows of one event type that are in the store, for a recount. */
export interface RowScan {
  /**
   * Calls `visit` with each row of all channels, or of one, exactly once, in no order. Calls
   * `progress` from time to time with the share of rows read so far. Rejects if the store cannot be
   * read.
   */
  scan(
    visit: (rows: readonly ScannedRow[]) => void,
    options?: {
      readonly channel?: string | undefined;
      readonly progress?: ((share: number) => void) | undefined;
    },
  ): Promise<void>;
}
