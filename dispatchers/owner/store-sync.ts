import type { RowStore } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import { idIn } from '../../schemas/channels';
import { byChannel, type Logged } from './log-event';
import type { Serial } from './serial';
import type { UnstoredRecords } from './unstored-records';

export interface StoreSyncOptions {
  readonly unstored: UnstoredRecords;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Serialises removals from `unstored` with look-ups. */
  readonly turns: Serial;
}

/** What an owner has to tell the store: likes that dead producers left, and likes taken back. */
export class StoreSync {
  private readonly cancelled = new Map<string, Set<string>>();

  constructor(private readonly parts: StoreSyncOptions) {}

  /** A like was taken back. */
  cancel(channel: string, likeId: string): void {
    const ids = this.cancelled.get(channel) ?? new Set();
    this.cancelled.set(channel, ids.add(likeId));
  }

  /** Whether the store is still to be told that a like was taken back. */
  hasPendingCancel(channel: string, likeId: string): boolean {
    return this.cancelled.get(channel)?.has(likeId) ?? false;
  }

  /** The cancels that the store lacks; pass them to `withdraw` once their states are saved. */
  get cancels(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.cancelled].map(([channel, ids]) => [channel, [...ids]]));
  }

  /** Whether anything is owed, now or once its producer is known to be dead. */
  get hasWork(): boolean {
    return this.cancelled.size > 0 || this.parts.unstored.size > 0;
  }

  /** Stores the records of dead producers. Rejects with `store_unavailable`, and keeps the rest. */
  async storeAbandoned(): Promise<void> {
    const { clock, store, turns, unstored } = this.parts;
    for (const [channel, items] of byChannel(unstored.abandoned(clock.monotonic()))) {
      await store.insert(channel, items.map(toStored));
      await turns.run(async () => unstored.markStored(items));
    }
  }

  /**
   * Withdraws cancelled likes. Their states must be saved before: if a like is withdrawn, an owner
   * treats its cancel as a duplicate. Rejects with `store_unavailable`, and keeps the rest.
   */
  async withdraw(cancels: ReadonlyMap<string, readonly string[]>): Promise<void> {
    for (const [channel, paid] of cancels) {
      await this.parts.store.withdraw(channel, paid);
      const ids = this.cancelled.get(channel);
      for (const likeId of paid) ids?.delete(likeId);
      if (ids?.size === 0) this.cancelled.delete(channel);
    }
  }
}

function toStored({ channel, offset, record }: Logged) {
  const { likeId, memberId, reaction, at } = record;
  const videoId = idIn(channel);
  return { likeId, videoId, memberId, reaction, at, offset };
}
