import { BucketComparison } from '../../frontends/bucket-comparison';
import { DIGEST_BUCKETS } from '../../schemas/delivery';

const SUMS = new Array<number>(DIGEST_BUCKETS).fill(1);
const CHANGED = SUMS.map((sum, bucket) => (bucket === 5 ? 2 : sum));
const NONE: ReadonlySet<number> = new Set();

describe('an unequal bucket', () => {
  it('is repeated at once if nothing in it has changed', () => {
    const comparison = new BucketComparison();
    const sent = { sums: SUMS, changing: new Set([6]) };
    expect(comparison.toRepeat([5, 7], sent, SUMS)).toEqual([5, 7]);
  });

  it('that changed, or was changing, is repeated if it is unequal once more', () => {
    const comparison = new BucketComparison();
    expect(comparison.toRepeat([5], { sums: SUMS, changing: NONE }, CHANGED)).toEqual([]);
    expect(comparison.toRepeat([5], { sums: SUMS, changing: new Set([5]) }, SUMS)).toEqual([5]);
  });

  it('that was equal in between is not repeated', () => {
    const comparison = new BucketComparison();
    const changing = { sums: SUMS, changing: new Set([5]) };
    expect(comparison.toRepeat([5], changing, SUMS)).toEqual([]);
    expect(comparison.toRepeat([], changing, SUMS)).toEqual([]);
    expect(comparison.toRepeat([5], changing, SUMS)).toEqual([]);
  });

  it('that does not exist is ignored', () => {
    const comparison = new BucketComparison();
    const sent = { sums: SUMS, changing: NONE };
    expect(comparison.toRepeat([DIGEST_BUCKETS], sent, SUMS)).toEqual([]);
  });
});
