/** What a process has let someone use of a limit. */
export interface RateUse {
  /** Of what and whom, as in `entries/ann`. */
  readonly key: string;
  readonly used: number;
  /** What comes back in a second. */
  readonly perS: number;
}

/**
 * What all processes of a datacenter together have let each member or address use, and what has not
 * come back yet: its level. Processes add to it in batches, and decide by what they know meanwhile.
 */
export interface RateLevels {
  /**
   * Adds uses, and resolves with the levels after it, in their order; a key occurs once in a call.
   * Rejects with `directory_unavailable`.
   */
  add(uses: readonly RateUse[]): Promise<readonly number[]>;
}
