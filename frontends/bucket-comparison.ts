import { DIGEST_BUCKETS } from '../schemas/delivery';

/** What a worker knew when it sent its digest. */
export interface SentDigest {
  readonly sums: readonly number[];
  /** The buckets with changes of which the directory might not have known yet. */
  readonly changing: ReadonlySet<number>;
}

/** Finds the buckets in which the directory lacks something, not only a change on its way. */
export class BucketComparison {
  /** Buckets that were unequal at the last renewal, but changed during it. */
  private suspect: ReadonlySet<number> = new Set();

  /**
   * The buckets that must be repeated, of those that were unequal. A bucket that changed during the
   * renewal is usually unequal only for that reason, so it is repeated only if the next renewal
   * finds it unequal, too. `now` is the digest after the answer.
   */
  toRepeat(
    unequal: readonly number[],
    { changing, sums }: SentDigest,
    now: readonly number[],
  ): readonly number[] {
    const suspect = new Set<number>();
    const repeated: number[] = [];
    for (const bucket of unequal) {
      if (bucket >= DIGEST_BUCKETS) continue;
      const isUnchanged = !changing.has(bucket) && sums[bucket] === now[bucket];
      if (isUnchanged || this.suspect.has(bucket)) repeated.push(bucket);
      else suspect.add(bucket);
    }
    this.suspect = suspect;
    return repeated;
  }
}
