import { LikestreamError } from '../../schemas/errors';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';

/** If more rows than this wait to be written, `insert` rejects. */
export const MAX_PENDING_ROWS = 200_000;

/** Rows in one call of the store. */
const ROWS_PER_WRITE = 5_000;

type Pending = Map<string, StoredEntry>;

/**
 * Rows whose entries are in the log on the same disk. So `insert` keeps them in memory, where
 * look-ups find them, and `flush` writes them. Before a position is committed, all rows below it
 * must be flushed: after a crash the rows from the position on are read from the log again.
 */
export class WriteBehindRows implements RowStore {
  /** By channel and id, the rows that are not written yet. */
  private pending = new Map<string, Pending>();
  private count = 0;
  private flushing: Promise<void> = Promise.resolve();
  /** The rows that are being written. */
  private inFlight = new Map<string, Pending>();

  constructor(
    private readonly rows: RowStore,
    /** The origin of the log, as in `dc1.1`. */
    private readonly origin: string,
  ) {}

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    if (this.count > MAX_PENDING_ROWS) {
      throw new LikestreamError('store_unavailable', 'too many rows wait to be written');
    }
    this.recover(channel, entries);
  }

  /** Keeps rows that were read from the log, however many these are. */
  recover(channel: string, entries: readonly StoredEntry[]): void {
    for (const entry of entries) this.add(channel, entry);
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    const waiting = this.waitingOf(channel, ids);
    const stored = await this.rows.find(channel, ids);
    const found = new Map(stored.map((entry) => [entry.id, entry]));
    for (const { offset, ...entry } of waiting) {
      const place = `${this.origin}@${offset}`;
      const first = found.get(entry.id);
      if (!first || offset < offsetIn(first)) found.set(entry.id, { ...entry, place });
    }
    return [...found.values()];
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const waiting = this.waitingOf(channel, ids);
    const found = new Map(await this.rows.offsets(channel, ids));
    for (const { body, id, offset } of waiting) {
      const known = found.get(id);
      if (known?.own && known.own.offset <= offset) continue;
      const other = known ?? { isWithdrawn: false, elsewhere: [] };
      found.set(id, { ...other, own: { offset, body } });
    }
    return found;
  }

  withdraw(channel: string, ids: readonly string[]): Promise<void> {
    return this.rows.withdraw(channel, ids);
  }

  /** Writes all rows so far; rejects with `store_unavailable`, and keeps them. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(
      () => this.write(),
      () => this.write(),
    );
    return this.flushing;
  }

  private add(channel: string, entry: StoredEntry): void {
    const ofChannel: Pending = this.pending.get(channel) ?? new Map();
    this.pending.set(channel, ofChannel);
    const first = ofChannel.get(entry.id);
    if (first && first.offset <= entry.offset) return;
    if (!first) this.count += 1;
    ofChannel.set(entry.id, entry);
  }

  private async write(): Promise<void> {
    if (this.pending.size === 0) return;
    this.inFlight = this.pending;
    this.pending = new Map();
    this.count = 0;
    try {
      const writes = [...this.inFlight].flatMap(([channel, ofChannel]) =>
        slices([...ofChannel.values()]).map((rows) => this.rows.insert(channel, rows)),
      );
      await Promise.all(writes);
    } catch (error) {
      for (const [channel, ofChannel] of this.inFlight) {
        for (const entry of ofChannel.values()) this.add(channel, entry);
      }
      throw error;
    } finally {
      this.inFlight = new Map();
    }
  }

  private waitingOf(channel: string, ids: readonly string[]): StoredEntry[] {
    const maps = [this.pending.get(channel), this.inFlight.get(channel)];
    return maps.flatMap((of) => ids.flatMap((id) => of?.get(id) ?? []));
  }
}

function offsetIn({ place }: FoundEntry): number {
  return Number(place.slice(place.indexOf('@') + 1));
}

function slices(rows: readonly StoredEntry[]): (readonly StoredEntry[])[] {
  if (rows.length <= ROWS_PER_WRITE) return [rows];
  const count = Math.ceil(rows.length / ROWS_PER_WRITE);
  return Array.from({ length: count }, (_, at) =>
    rows.slice(at * ROWS_PER_WRITE, (at + 1) * ROWS_PER_WRITE),
  );
}
