import type { RowStore } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import { LikestreamError } from '../schemas/errors';

/** After a failure of the store, entries are refused for this time before the next probe. */
export const STORE_UNAVAILABLE_MS = 1_000;

/** The id of a probe; whether an entry has it does not matter. */
const PROBE_ID = '-';

/** Refuses entries while the store is unavailable, before they are appended to the log. */
export class StoreAvailability {
  private unavailableUntil: number | undefined;

  constructor(
    private readonly store: Pick<RowStore, 'find'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  noteFailure(): void {
    this.unavailableUntil = this.clock.monotonic() + STORE_UNAVAILABLE_MS;
  }

  /** Whether the store has failed, and no probe has succeeded since. */
  get isInDoubt(): boolean {
    return this.unavailableUntil !== undefined;
  }

  /** Rejects with `store_unavailable` after a failure, until a probe succeeds. */
  async require(channel: string): Promise<void> {
    if (this.unavailableUntil === undefined) return;
    if (this.clock.monotonic() < this.unavailableUntil) {
      throw new LikestreamError('store_unavailable');
    }
    this.noteFailure();
    await this.store.find(channel, [PROBE_ID]);
    this.unavailableUntil = undefined;
  }
}
