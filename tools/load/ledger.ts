/** The counts of one video's likes, from the answers. */
export interface Ledger {
  readonly video: string;
  /** Its total before the first like was posted. */
  readonly atStart: number;
  /** Distinct likeIds answered 2xx. */
  taken: number;
  /** Distinct likeIds that may have been accepted: their last answer is missing. */
  unknown: number;
}
