import type { Worker } from '../schemas/delivery';
import { DIGEST_BUCKETS } from '../schemas/digest';
import type { Vector } from '../schemas/state';

const WORKER_CHANNEL = 'worker:';

/** The channel that a worker alone watches, while it has a lease: how it is found by its id. */
export function ownChannel(workerId: string): string {
  return `${WORKER_CHANNEL}${workerId}`;
}

/** The id of the worker whose own channel this is. */
export function ownerOf(channel: string): string | undefined {
  return channel.startsWith(WORKER_CHANNEL) ? channel.slice(WORKER_CHANNEL.length) : undefined;
}

/** The lease of a worker that has not renewed it for this long has ended. */
export const LEASE_MS = 6_000;

/** The expiry of what a worker watches is refreshed for so many buckets in each of its renewals. */
export const KEPT_BUCKETS_PER_TURN = 4;

/** After so many renewals each bucket's expiry was refreshed once. */
export const TURNS_PER_ROTATION = DIGEST_BUCKETS / KEPT_BUCKETS_PER_TURN;

/** What a worker watches expires this long after its last refresh: several rotations later. */
export const HELD_MS = 600_000;

/** Who watches what, for as long as its lease lasts. All reject with `directory_unavailable`. */
export interface Directory {
  /** Renews the worker's lease. */
  renew(worker: Worker): Promise<void>;
  /**
   * The digest of what the worker watches, with the newest cached versions: one number a bucket, as
   * compared. `turn` counts the worker's renewals; it selects the buckets whose expiry is refreshed.
   */
  digest(workerId: string, turn: number): Promise<readonly number[]>;
  /**
   * Writes what a worker begins and ends to watch. In each of `buckets` it then watches what it
   * joins here and nothing else.
   */
  change(
    workerId: string,
    join: readonly string[],
    leave: readonly string[],
    buckets?: readonly number[],
  ): Promise<void>;
  /** The workers with a lease that watch each of the channels, in their order; its own one too. */
  watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]>;
}

/** The newest state of channels: a cache that may forget, never the truth. */
export interface StateCache {
  /** Keeps what is newer than what is there, origin by origin, and moves the watchers' digests. */
  put(states: ReadonlyMap<string, Vector>): Promise<void>;
  /** What is there of the channels. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>>;
}
