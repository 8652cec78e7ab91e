import type { State } from '../schemas/state';

/** The saved states: what a successor goes on from. All reject with `store_unavailable`. */
export interface StateStore {
  /** Every origin's state of the channels; a channel that never had one has none. */
  load(channels: readonly string[]): Promise<readonly State[]>;
  /** Saves each state as one cell; one with a newer version that is there stays. */
  save(states: readonly State[]): Promise<void>;
}
