import type { Vector } from '../schemas/state';

/** The newest states of channels. A cache: it may lose states, so no total is computed from it. */
export interface StateCache {
  /** Keeps the newer state of each origin, and updates the digests of workers that watch. */
  put(states: ReadonlyMap<string, Vector>): Promise<void>;
  /** The cached states of those channels that have one. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>>;
}
