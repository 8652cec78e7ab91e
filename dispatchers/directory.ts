import type { Worker } from '../schemas/delivery';
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

/** A worker that has not renewed for so long is gone. */
export const LEASE_MS = 6_000;

/** Who watches what, for as long as its lease lasts. All reject with `directory_unavailable`. */
export interface Directory {
  /** Renews the worker's lease. */
  renew(worker: Worker): Promise<void>;
  /** Writes what a worker begins and ends to watch. */
  change(workerId: string, join: readonly string[], leave: readonly string[]): Promise<void>;
  /** The workers with a lease that watch each of the channels, in their order; its own one too. */
  watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]>;
  /** The channels that the worker is known to watch. */
  held(workerId: string): Promise<readonly string[]>;
}

/** The newest state of channels: a cache that may forget, never the truth. */
export interface StateCache {
  /** Keeps what is newer than what is there, origin by origin. */
  put(states: ReadonlyMap<string, Vector>): Promise<void>;
  /** What is there of the channels. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>>;
}
