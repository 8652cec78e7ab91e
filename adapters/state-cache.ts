import type { Feeds } from '../schemas/state';

/** The newest states of channels. A cache: it may lose states, so no total is computed from it. */
export interface StateCache {
  /** Keeps what is newer of each feed and origin, and updates the digests of watching workers. */
  put(states: ReadonlyMap<string, Feeds>): Promise<void>;
  /** The cached states of those channels that have one. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Feeds>>;
}
