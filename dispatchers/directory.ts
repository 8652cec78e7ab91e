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

/** A lease ends this long after its last renewal. */
export const LEASE_MS = 6_000;

/** Buckets whose keys' expiry one renewal of a worker refreshes. */
export const KEPT_BUCKETS_PER_TURN = 4;

/** Renewals that refresh the expiry of all buckets once. */
export const TURNS_PER_ROTATION = DIGEST_BUCKETS / KEPT_BUCKETS_PER_TURN;

/** A worker's keys expire this long after their last refresh: several rotations. */
export const HELD_MS = 600_000;

/** Who watches what, for as long as its lease lasts. All reject with `directory_unavailable`. */
export interface Directory {
  /** Renews the worker's lease. */
  renew(worker: Worker): Promise<void>;
  /**
   * The digest of the worker's channels and their newest cached versions: one number per bucket.
   * `turn` counts the worker's renewals; it selects the buckets whose expiry is refreshed.
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
  /** The workers with a lease that watch each of the channels, in their order; its own one too. */
  watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]>;
}

/** The newest state of channels: a cache that may forget, never the truth. */
export interface StateCache {
  /** Keeps the newer state of each origin, and updates the digests of the watching workers. */
  put(states: ReadonlyMap<string, Vector>): Promise<void>;
  /** What is there of the channels. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>>;
}
