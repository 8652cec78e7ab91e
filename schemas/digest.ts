import { spread } from './hash';
import type { Vector } from './state';

/** How many buckets a digest has: enough that one unequal channel lists few others. */
export const DIGEST_BUCKETS = 256;

/** Digests are compared modulo this: the sums themselves are whole numbers below 2^53. */
const SUM_MODULUS = 2 ** 32;

/** The bucket of a channel. */
export function bucketOf(channel: string): number {
  return spread(channel) % DIGEST_BUCKETS;
}

/** What a watched channel adds to its bucket's sum, whatever its state is. */
export function channelSum(channel: string): number {
  return mixed(spread(channel));
}

/** What one origin's version of a watched channel adds to the bucket's sum. */
export function versionSum(channel: string, origin: string, version: number): number {
  return mixed(spread(`${channel}=${origin}@${version}`));
}

/** What the versions of a vector add together: a sum, so the order of origins does not matter. */
export function vectorSum(channel: string, vector: Vector): number {
  let sum = 0;
  for (const origin of Object.keys(vector)) {
    sum += versionSum(channel, origin, vector[origin]?.version ?? 0);
  }
  return sum;
}

/**
 * One sum a bucket over the channels held and their versions, equal for equal holdings in any
 * order. It is kept up by adding and subtracting: nothing here passes over the channels.
 */
export class Digest {
  private readonly sums = new Array<number>(DIGEST_BUCKETS).fill(0);

  /** Adds to a bucket's sum; a negative number takes away what was added before. */
  add(bucket: number, sum: number): void {
    this.sums[bucket] = (this.sums[bucket] ?? 0) + sum;
  }

  /** The sums as they are compared: one number of 32 bits a bucket. */
  values(): number[] {
    return this.sums.map(comparable);
  }
}

/** A sum as it is compared, 32 bits. */
export function comparable(sum: number): number {
  return sum % SUM_MODULUS;
}

/** The digest of holdings that were not kept up: a pass over all of them, for tests and tools. */
export function digestOf(held: Iterable<readonly [string, Vector]>): number[] {
  const digest = new Digest();
  for (const [channel, vector] of held) {
    digest.add(bucketOf(channel), channelSum(channel) + vectorSum(channel, vector));
  }
  return digest.values();
}

/**
 * The last step of MurmurHash3, 32 bit (public domain, Austin Appleby). FNV-1a alone lets two
 * versions that differ in their last digit cancel each other in a sum.
 */
function mixed(hash: number): number {
  let value = hash ^ (hash >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
