/** Which worker watches which channels. All methods reject with `directory_unavailable`. */
export interface Directory {
  /**
   * The digest of the worker's channels and their newest cached versions: one number per bucket.
   * `turn` counts the worker's renewals; it selects the buckets that are checked and refreshed.
   */
  digest(workerId: string, turn: number): Promise<readonly number[]>;
  /**
   * Writes the channels that a worker joins and leaves. In each of `buckets` it leaves all channels
   * that it does not join in this call.
   */
  change(
    workerId: string,
    join: readonly string[],
    leave: readonly string[],
    buckets?: readonly number[],
  ): Promise<void>;
  /** For each channel, in order, the ids of the workers that joined it, dead ones included. */
  watchers(channels: readonly string[]): Promise<readonly (readonly string[])[]>;
}
