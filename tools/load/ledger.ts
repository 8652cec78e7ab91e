/** What is known of one video's likes. */
export interface Ledger {
  readonly video: string;
  /** Its total before the first like was posted. */
  readonly atStart: number;
  /** Distinct likeIds answered 2xx. */
  taken: number;
  /** Distinct likeIds that may have been taken: no answer said so for sure. */
  unknown: number;
}
