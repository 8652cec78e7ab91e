import type { RowStore, StoredEntry } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import { byChannel } from '../by-channel';
import type { Serial } from './serial';
import type { UnstoredRecord, UnstoredRecords } from './unstored-records';

export interface StoreSyncOptions {
  readonly unstored: UnstoredRecords;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Serialises removals from `unstored` with look-ups. */
  readonly serial: Serial;
}

/** Writes to the store what an owner must write: records of dead producers, and cancels. */
export class StoreSync {
  /** By channel, the ids of cancelled entries that are not withdrawn in the store yet. */
  private readonly cancelled = new Map<string, Set<string>>();

  constructor(private readonly options: StoreSyncOptions) {}

  /** Notes that an entry is to be withdrawn in the store. */
  cancel(channel: string, entryId: string): void {
    const ids = this.cancelled.get(channel) ?? new Set();
    this.cancelled.set(channel, ids.add(entryId));
  }

  /** Whether a cancelled entry is not withdrawn in the store yet. */
  hasPendingCancel(channel: string, entryId: string): boolean {
    return this.cancelled.get(channel)?.has(entryId) ?? false;
  }

  /** The cancels that the store lacks; pass them to `withdraw` once their states are saved. */
  get cancels(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.cancelled].map(([channel, ids]) => [channel, [...ids]]));
  }

  /** Whether anything waits to be written, now or once its producer is known to be dead. */
  get hasWork(): boolean {
    return this.cancelled.size > 0 || this.options.unstored.size > 0;
  }

  /** Stores the records of dead producers. Rejects with `store_unavailable`, and keeps the rest. */
  async storeAbandoned(): Promise<void> {
    const { clock, serial, store, unstored } = this.options;
    for (const [channel, records] of byChannel(unstored.abandoned(clock.monotonic()))) {
      await store.insert(channel, records.flatMap(rowsOf));
      await serial.run(async () => unstored.markStored(records));
    }
  }

  /**
   * Withdraws cancelled entries. Their states must be saved before: if an entry is withdrawn, an
   * owner treats its cancel as a duplicate. Rejects with `store_unavailable`, and keeps the rest.
   */
  async withdraw(cancels: ReadonlyMap<string, readonly string[]>): Promise<void> {
    for (const [channel, entryIds] of cancels) {
      await this.options.store.withdraw(channel, entryIds);
      const ids = this.cancelled.get(channel);
      for (const entryId of entryIds) ids?.delete(entryId);
      if (ids?.size === 0) this.cancelled.delete(channel);
    }
  }
}

function rowsOf({ entries }: UnstoredRecord): StoredEntry[] {
  return entries.map(({ entry, record }) => ({ ...entry, offset: record.offset }));
}
