import type { State } from '../schemas/state';

/** Reads all saved states, for a recount. */
export interface StateScan {
  /**
   * Calls `visit` with each saved state of one origin, of all types, exactly once, in no order, and
   * waits for it before the next call. Rejects if the store cannot be read.
   */
  scan(origin: string, visit: (states: readonly State[]) => Promise<void>): Promise<void>;
}
