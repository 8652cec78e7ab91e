/** Which worker watches which channels. All reject with `directory_unavailable`. */
export interface Directory {
  /**
   * The digest of the worker's channels and their newest cached versions: one number per bucket.
   * `turn` counts the worker's renewals; it selects the buckets that are checked and kept.
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
  /** The ids of the workers that joined each of the channels, dead or alive, in their order. */
  watchers(channels: readonly string[]): Promise<readonly (readonly string[])[]>;
}
