import { spread } from './hash';
import type { Report } from './report';
import type { Feeds } from './state';

/** The buckets of a digest: enough that an unequal bucket has few other channels. */
export const DIGEST_BUCKETS = 256;

/** Sums are compared modulo this; the sums themselves are whole numbers below 2^53. */
const SUM_MODULUS = 2 ** 32;

/** The bucket of a channel. */
export function bucketOf(channel: string): number {
  return spread(channel) % DIGEST_BUCKETS;
}

/** The number that a watched channel adds to its bucket's sum, independent of its state. */
export function channelSum(channel: string): number {
  return mixed(spread(channel));
}

/** The number that one origin's version of a feed of a watched channel adds to its bucket's sum. */
export function versionSum(channel: string, type: string, origin: string, version: number): number {
  return mixed(spread(`${channel}/${type}=${origin}@${version}`));
}

/** The number that a contributor's value of a leased feed adds to the sum of its bucket. */
export function reportSum({ channel, number, type }: Pick<Report, 'channel' | 'number' | 'type'>) {
  return mixed(spread(`${type}=${channel}#${number}`));
}

/** The sum of all versions of a channel's feeds, in any order. */
export function feedsSum(channel: string, feeds: Feeds): number {
  let sum = 0;
  for (const type of Object.keys(feeds)) {
    const vector = feeds[type] ?? {};
    for (const origin of Object.keys(vector)) {
      sum += versionSum(channel, type, origin, vector[origin]?.version ?? 0);
    }
  }
  return sum;
}

/**
 * One sum per bucket over the held channels and their versions; equal holdings have equal sums, in
 * any order. Each change adds or subtracts, so no step iterates over all channels.
 */
export class Digest {
  private readonly sums = new Array<number>(DIGEST_BUCKETS).fill(0);

  /** Adds to a bucket's sum; a negative number removes an earlier addition. */
  add(bucket: number, sum: number): void {
    this.sums[bucket] = (this.sums[bucket] ?? 0) + sum;
  }

  /** The sums in comparable form: one 32-bit number per bucket. */
  values(): number[] {
    return this.sums.map(comparable);
  }
}

/** A sum in comparable form, 32 bits. */
export function comparable(sum: number): number {
  return sum % SUM_MODULUS;
}

/** The digest of the holdings of two digests. */
export function sumOfDigests(one: readonly number[], other: readonly number[]): readonly number[] {
  return one.map((sum, bucket) => comparable(sum + (other[bucket] ?? 0)));
}

/** Computes the digest of all holdings from scratch, for tests and tools. */
export function digestOf(held: Iterable<readonly [string, Feeds]>): number[] {
  const digest = new Digest();
  for (const [channel, feeds] of held) {
    digest.add(bucketOf(channel), channelSum(channel) + feedsSum(channel, feeds));
  }
  return digest.values();
}

/**
 * The last step of MurmurHash3, 32 bit (public domain, Austin Appleby). With FNV-1a alone, versions
 * that differ only in the last digit can cancel each other in a sum.
 */
function mixed(hash: number): number {
  let value = hash ^ (hash >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
