import type { State } from '../schemas/state';

/** Reads all saved states, for a recount. */
export interface StateScan {
  /**
   * Calls `visit` with the saved states of one origin, each once, in no order; the next ones come
   * when it has resolved. Rejects if the store cannot be read.
   */
  scan(origin: string, visit: (states: readonly State[]) => Promise<void>): Promise<void>;
}
