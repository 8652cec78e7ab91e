const SUB_BUCKET_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
const MAX_VALUE = 2 ** 31 - 1;
const BUCKETS = (31 - SUB_BUCKET_BITS + 1) * SUB_BUCKETS;

/** The figures of a histogram that are reported, in its unit. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Counts whole values from 0 to 2^31-1 in log-linear buckets: exact below 256, within 0.4 % above.
 * Its memory is fixed, and adding a value takes some ns.
 */
export class Histogram {
  /** The number of values. */
  count = 0;
  /** The greatest value, exact. */
  max = 0;
  private readonly buckets = new Float64Array(BUCKETS);

  /** Adds a value, limited to the range; fractions are cut off. */
  record(value: number, times = 1): void {
    const kept = value > 0 ? Math.min(Math.trunc(value), MAX_VALUE) : 0;
    const index = bucketOf(kept);
    this.buckets[index] = (this.buckets[index] ?? 0) + times;
    this.count += times;
    if (kept > this.max) {
      this.max = kept;
    }
  }

  /** The quantile at a share from 0 to 1; 0 without values. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      seen += this.buckets[index] ?? 0;
      if (seen >= rank) {
        return Math.min(middleOf(index), this.max);
      }
    }
    return this.max;
  }

  /** p50, p90, p99 and the greatest, times `scale` (0.001 turns µs into ms). */
  quantiles(scale = 1): Quantiles {
    return {
      count: this.count,
      p50: this.quantile(0.5) * scale,
      p90: this.quantile(0.9) * scale,
      p99: this.quantile(0.99) * scale,
      max: this.max * scale,
    };
  }

  /** Removes all values. */
  reset(): void {
    this.buckets.fill(0);
    this.count = 0;
    this.max = 0;
  }
}

function bucketOf(value: number): number {
  const shift = shiftOf(value);
  return shift * SUB_BUCKETS + (value >>> shift);
}

function shiftOf(value: number): number {
  return Math.max(0, 31 - Math.clz32(value) - SUB_BUCKET_BITS);
}

function middleOf(index: number): number {
  const shift = Math.max(0, Math.floor(index / SUB_BUCKETS) - 1);
  const low = (index - shift * SUB_BUCKETS) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}
