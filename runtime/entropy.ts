import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

const POOL_BYTES = 4_096;

/** Randomness and ids, passed to all code but the composition root, so that tests repeat them. */
export interface Entropy {
  /** A number of [0, 1). */
  fraction(): number;
  /** An id that cannot be guessed: 128 random bits, hexadecimal. */
  secretId(): string;
  /** A UUIDv7 made at `now`, ms since the epoch. */
  timedId(now: number): string;
}

/** Randomness from a function that returns `count` random bytes. */
export function entropyFrom(bytes: (count: number) => Uint8Array): Entropy {
  return {
    fraction: () => Buffer.from(bytes(4)).readUInt32LE(0) / 2 ** 32,
    secretId: () => Buffer.from(bytes(16)).toString('hex'),
    timedId: (now) => v7({ msecs: now, rng: () => bytes(16) as Uint8Array }),
  };
}

/** Reads `size` bytes of `source` at a time, because a call costs more than the bytes. */
export function pooled(source: (count: number) => Uint8Array, size: number) {
  let pool: Uint8Array = new Uint8Array();
  let used = 0;
  return (count: number): Uint8Array => {
    if (used + count > pool.length) {
      pool = source(Math.max(size, count));
      used = 0;
    }
    used += count;
    return pool.subarray(used - count, used);
  };
}

/** The machine's randomness. */
export const systemEntropy = entropyFrom(pooled(randomBytes, POOL_BYTES));
