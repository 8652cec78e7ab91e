import type { State } from '../schemas/state';

/**
 * The saved states, from which a new owner continues. All methods reject with `store_unavailable`.
 */
export interface StateStore {
  /**
   * The saved states of the channels, of every origin; of one event type, or of all. Those of
   * leased types may be left out of all.
   */
  load(channels: readonly string[], type?: string): Promise<readonly State[]>;
  /** Saves each state as one cell; a saved state with a newer version stays. */
  save(states: readonly State[]): Promise<void>;
}
