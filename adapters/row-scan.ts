/** A like's row, with what each log says of it. */
export interface ScannedRow {
  readonly channel: string;
  readonly likeId: string;
  /** By origin, the body of the copy in its log. */
  readonly bodies: ReadonlyMap<string, { readonly reaction: string }>;
  /** The origins whose logs do not count their copy. */
  readonly withdrawn: ReadonlySet<string>;
}

/** Reads the rows of likes that are in the store, for a recount. */
export interface RowScan {
  /**
   * Calls `visit` with the rows of all channels, or of one, each row once, in no order. `progress`
   * is called from time to time with the share that is read. Rejects if the store cannot be read.
   */
  scan(
    visit: (rows: readonly ScannedRow[]) => void,
    options?: {
      readonly channel?: string | undefined;
      readonly progress?: ((share: number) => void) | undefined;
    },
  ): Promise<void>;
}
