import { bucketOf, DIGEST_BUCKETS } from '../../schemas/digest';

/** The channels that a worker joins and leaves in one bucket. */
export interface BucketChange {
  readonly join: string[];
  readonly leave: string[];
  /** Whether the worker leaves all other channels of the bucket. */
  isWhole: boolean;
}

/** Splits a change by bucket: the keys of one bucket share a hash tag. */
export function byBucket(
  join: readonly string[],
  leave: readonly string[],
  whole: readonly number[] = [],
): ReadonlyMap<number, BucketChange> {
  const changes = new Map<number, BucketChange>();
  const changeOf = (bucket: number): BucketChange => {
    const known = changes.get(bucket);
    if (known) return known;
    const change: BucketChange = { join: [], leave: [], isWhole: false };
    changes.set(bucket, change);
    return change;
  };
  for (const bucket of whole) if (bucket < DIGEST_BUCKETS) changeOf(bucket).isWhole = true;
  for (const channel of leave) changeOf(bucketOf(channel)).leave.push(channel);
  for (const channel of join) changeOf(bucketOf(channel)).join.push(channel);
  return changes;
}
