import type { History, HistoryRow } from '../../adapters/history';
import { allEnded } from '../../runtime/all-ended';

/** If more rows than this wait, the partition consumes no more records. */
export const MAX_PENDING_ROWS = 50_000;

/** Rows in one write. */
const ROWS_PER_WRITE = 500;

/** Channels that are written at the same time. */
const CHANNELS_AT_ONCE = 32;

export interface HistorySyncOptions {
  readonly history: History;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
}

/** The rows of a partition's history that the store lacks, by channel, in the order of the log. */
export class HistorySync {
  private readonly pending = new Map<string, HistoryRow[]>();
  private size = 0;

  constructor(private readonly options: HistorySyncOptions) {}

  add(channel: string, row: HistoryRow): void {
    const rows = this.pending.get(channel);
    if (rows) rows.push(row);
    else this.pending.set(channel, [row]);
    this.size += 1;
  }

  /** Whether too many rows wait. */
  get isFull(): boolean {
    return this.size > MAX_PENDING_ROWS;
  }

  get hasWork(): boolean {
    return this.size > 0;
  }

  /**
   * Writes all rows that were added before the call. Rejects with `store_unavailable`, and keeps
   * the rows that are not known to be written.
   */
  async flush(): Promise<void> {
    const all = [...this.pending].map(([channel, rows]) => [channel, rows.length] as const);
    for (let at = 0; at < all.length; at += CHANNELS_AT_ONCE) {
      const some = all.slice(at, at + CHANNELS_AT_ONCE);
      await allEnded(some.map(([channel, count]) => this.write(channel, count)));
    }
  }

  /** Writes the first rows of a channel. */
  private async write(channel: string, count: number): Promise<void> {
    const { history, origin } = this.options;
    for (let left = count; left > 0; left -= ROWS_PER_WRITE) {
      const rows = this.pending.get(channel)?.slice(0, Math.min(left, ROWS_PER_WRITE)) ?? [];
      await history.write(channel, origin, rows);
      this.drop(channel, rows.at(-1)?.offset ?? -1);
    }
  }

  // By their offsets: another call may have written and dropped the same rows meanwhile.
  private drop(channel: string, upTo: number): void {
    const rows = this.pending.get(channel);
    if (!rows) return;
    const kept = rows.findIndex(({ offset }) => offset > upTo);
    this.size -= rows.splice(0, kept < 0 ? rows.length : kept).length;
    if (rows.length === 0) this.pending.delete(channel);
  }
}
