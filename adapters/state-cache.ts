import type { Vector } from '../schemas/state';

/** The newest state of channels: a cache that may forget, never the truth. */
export interface StateCache {
  /** Keeps the newer state of each origin, and updates the digests of the watching workers. */
  put(states: ReadonlyMap<string, Vector>): Promise<void>;
  /** What is there of the channels. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>>;
}
