import type { RowStore } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import { rowOf } from '../../schemas/likes';
import { byChannel } from '../by-channel';
import type { Serial } from './serial';
import type { UnstoredRecords } from './unstored-records';

export interface StoreSyncOptions {
  readonly unstored: UnstoredRecords;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Serialises removals from `unstored` with look-ups. */
  readonly serial: Serial;
}

/** Writes to the store what an owner must write: records of dead producers, and cancels. */
export class StoreSync {
  /** By channel, the ids of cancelled likes that are not withdrawn in the store yet. */
  private readonly cancelled = new Map<string, Set<string>>();

  constructor(private readonly options: StoreSyncOptions) {}

  /** Notes that a like is to be withdrawn in the store. */
  cancel(channel: string, likeId: string): void {
    const ids = this.cancelled.get(channel) ?? new Set();
    this.cancelled.set(channel, ids.add(likeId));
  }

  /** Whether a cancelled like is not withdrawn in the store yet. */
  hasPendingCancel(channel: string, likeId: string): boolean {
    return this.cancelled.get(channel)?.has(likeId) ?? false;
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
    for (const [channel, likes] of byChannel(unstored.abandoned(clock.monotonic()))) {
      const rows = likes.map(({ offset, record }) => rowOf(channel, record, offset));
      await store.insert(channel, rows);
      await serial.run(async () => unstored.markStored(likes));
    }
  }

  /**
   * Withdraws cancelled likes. Their states must be saved before: if a like is withdrawn, an owner
   * treats its cancel as a duplicate. Rejects with `store_unavailable`, and keeps the rest.
   */
  async withdraw(cancels: ReadonlyMap<string, readonly string[]>): Promise<void> {
    for (const [channel, likeIds] of cancels) {
      await this.options.store.withdraw(channel, likeIds);
      const ids = this.cancelled.get(channel);
      for (const likeId of likeIds) ids?.delete(likeId);
      if (ids?.size === 0) this.cancelled.delete(channel);
    }
  }
}
