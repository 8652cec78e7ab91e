import type { Feeds } from '../schemas/state';

/** By channel, the ids of the workers that joined it, dead ones included. */
export type Watchers = ReadonlyMap<string, readonly string[]>;

/** The newest states of channels. A cache: it may lose states, so no total is computed from it. */
export interface StateCache {
  /**
   * Keeps what is newer of each feed and origin, and updates the digests of watching workers.
   * Resolves with the watchers of all these channels, as the directory has them after the write, if
   * the write reads them anyway.
   */
  put(states: ReadonlyMap<string, Feeds>): Promise<Watchers | undefined>;
  /** The cached states of those channels that have one. */
  get(channels: readonly string[]): Promise<ReadonlyMap<string, Feeds>>;
}
