import type { Worker } from '../schemas/delivery';
import { DIGEST_BUCKETS } from '../schemas/digest';
import type { Vector } from '../schemas/state';

/** Buckets whose keys' expiry one renewal of a worker refreshes. */
export const KEPT_BUCKETS_PER_TURN = 4;

/** Buckets that one renewal checks for lost keys. */
export const CHECKED_BUCKETS_PER_TURN = 32;

/** Renewals that refresh the expiry of all buckets once. */
export const TURNS_PER_ROTATION = DIGEST_BUCKETS / KEPT_BUCKETS_PER_TURN;

/** A worker's keys expire this long after their last refresh: several rotations. */
export const HELD_MS = 600_000;

/** A worker, and the number of its last renewal. */
export interface Lease {
  readonly worker: Worker;
  readonly beat: number;
}

/**
 * The leases of all workers. No expiry ends a lease: each process judges by its own clock whether a
 * beat still changes (`beats.ts`). All reject with `directory_unavailable`.
 */
export interface Leases {
  /** Writes the worker's address and beat; a beat that is not greater changes nothing. */
  renew(worker: Worker, beat: number): Promise<void>;
  all(): Promise<readonly Lease[]>;
  /** Removes a lease, unless its beat is another one now. */
  remove(workerId: string, beat: number | undefined): Promise<void>;
}

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

/** The newest state of channels: a cache that may forget, never the truth. */
export interface StateCache {
  /** Keeps the newer state of each origin, and updates the digests of the watching workers. */
  put(states: ReadonlyMap<string, Vector>): Promise<void>;
  /** What is there of the channels. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>>;
}
