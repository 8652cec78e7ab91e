import type { RowStore, StoredEntry } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import { byChannel } from '../by-channel';
import { IdsByChannel } from './ids-by-channel';
import type { Serial } from './serial';
import type { UnstoredRecord, UnstoredRecords } from './unstored-records';

export interface StoreSyncOptions {
  readonly unstored: UnstoredRecords;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Serialises removals from `unstored` with look-ups. */
  readonly serial: Serial;
}

/** If more deletions than this are not in the store, the partition consumes no more records. */
const MAX_REMOVALS = 50_000;

/** Writes to the store what an owner must write: rows of dead producers, cancels and deletions. */
export class StoreSync {
  /** Cancelled entries that are not withdrawn in the store yet. */
  private readonly cancelled = new IdsByChannel();
  /** Deleted entries that are not removed from the store yet. */
  private readonly removed = new IdsByChannel();

  constructor(private readonly options: StoreSyncOptions) {}

  /** Notes that an entry is to be withdrawn in the store. */
  cancel(channel: string, entryId: string): void {
    this.cancelled.add(channel, entryId);
  }

  /** Notes that an entry is to be removed from the store. */
  remove(channel: string, entryId: string): void {
    this.removed.add(channel, entryId);
  }

  /** Whether too many deletions are not in the store. */
  get isFull(): boolean {
    return this.removed.size > MAX_REMOVALS;
  }

  /** Whether a cancelled entry is not withdrawn in the store yet. */
  hasPendingCancel(channel: string, entryId: string): boolean {
    return this.cancelled.has(channel, entryId);
  }

  /** The cancels that the store lacks; pass them to `withdraw` once their states are saved. */
  get cancels(): ReadonlyMap<string, readonly string[]> {
    return this.cancelled.all();
  }

  /** Whether anything waits to be written, now or once its producer is known to be dead. */
  get hasWork(): boolean {
    const { cancelled, removed } = this;
    return cancelled.size > 0 || removed.size > 0 || this.options.unstored.size > 0;
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
      this.cancelled.delete(channel, entryIds);
    }
  }

  /** Removes the deleted entries. Rejects with `store_unavailable`, and keeps the rest. */
  async removeDeleted(): Promise<void> {
    if (this.removed.size === 0) return;
    for (const [channel, entryIds] of this.removed.all()) {
      await this.options.store.remove(channel, entryIds);
      this.removed.delete(channel, entryIds);
    }
  }
}

function rowsOf({ entries }: UnstoredRecord): StoredEntry[] {
  return entries.map(({ entry, record }) => ({ ...entry, offset: record.offset }));
}
