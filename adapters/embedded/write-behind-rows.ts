import { LikestreamError } from '../../schemas/errors';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';
import { PendingRows } from './pending-rows';
import type { EmbeddedRowStore, RowWrite } from './row-store';

/** If more rows than this wait to be written, `insert` rejects. */
export const MAX_PENDING_ROWS = 200_000;

/** So many rows are written without a commit that asks for it. */
export const ROWS_PER_FLUSH = 10_000;

/** Rows in one call of the store, so that this thread is not busy for long. */
const ROWS_PER_WRITE = 2_500;

/**
 * Rows whose entries are in the log on the same disk. So `insert` keeps them in memory, where
 * look-ups find them, and `flush` writes them. Before a position is committed, all rows below it
 * must be flushed: after a crash the rows from the position on are read from the log again.
 */
export class WriteBehindRows implements RowStore {
  /** The rows that are not written yet. */
  private pending = new PendingRows();
  /** The rows that are being written. */
  private inFlight = new PendingRows();
  private flushing: Promise<void> = Promise.resolve();
  /** Whether a flush that `insert` has begun is not over. */
  private isFlushDue = false;
  private hasFailed = false;

  constructor(
    private readonly rows: EmbeddedRowStore,
    /** The origin of the log, as in `dc1.1`. */
    private readonly origin: string,
  ) {}

  /** Keeps the array itself, which must not change afterwards. */
  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    if (this.pending.size + this.inFlight.size > MAX_PENDING_ROWS) {
      // Also after a failure: an owner that cannot store a record makes no commit.
      this.flushSoon();
      throw new LikestreamError('store_unavailable', 'too many rows wait to be written');
    }
    this.recover(channel, entries);
    // A failed flush is repeated, and reported, by the next commit.
    if (!this.hasFailed && this.pending.size >= ROWS_PER_FLUSH) this.flushSoon();
  }

  /** Keeps rows that were read from the log, however many these are. */
  recover(channel: string, entries: readonly StoredEntry[]): void {
    this.pending.add({ channel, entries });
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
    return [...found.values()].map((entry) => this.withoutDeleted(channel, entry));
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const waiting = this.waitingOf(channel, ids);
    const found = new Map(await this.rows.offsets(channel, ids));
    for (const { body, id, offset } of waiting) {
      const known = found.get(id);
      if (known?.own && known.own.offset <= offset) continue;
      const other = known ?? { isWithdrawn: false, elsewhere: [] };
      const shown = this.rows.isDeleted(channel, id) ? {} : body;
      found.set(id, { ...other, own: { offset, body: shown } });
    }
    return found;
  }

  withdraw(): Promise<void> {
    return this.rows.withdraw();
  }

  /** Rows that wait are written without a body afterwards. */
  remove(channel: string, ids: readonly string[]): Promise<void> {
    return this.rows.remove(channel, ids);
  }

  /** Writes all rows so far; rejects with `store_unavailable`, and keeps them. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(
      () => this.write(),
      () => this.write(),
    );
    return this.flushing;
  }

  private withoutDeleted(channel: string, entry: FoundEntry): FoundEntry {
    const isDeleted = this.rows.isDeleted(channel, entry.id);
    return isDeleted ? { ...entry, body: {}, isDeleted } : entry;
  }

  private flushSoon(): void {
    if (this.isFlushDue) return;
    this.isFlushDue = true;
    const end = () => {
      this.isFlushDue = false;
    };
    this.flush().then(end, end);
  }

  private async write(): Promise<void> {
    if (this.pending.size === 0) return;
    this.inFlight = this.pending;
    this.pending = new PendingRows();
    try {
      for (const writes of slices(this.inFlight.writes)) await this.rows.insertAll(writes);
      this.hasFailed = false;
    } catch (error) {
      this.hasFailed = true;
      for (const write of this.inFlight.writes) this.pending.add(write);
      throw error;
    } finally {
      this.inFlight = new PendingRows();
    }
  }

  private waitingOf(channel: string, ids: readonly string[]): StoredEntry[] {
    const all = [this.inFlight, this.pending];
    return all.flatMap((rows) => ids.flatMap((id) => rows.find(channel, id) ?? []));
  }
}

function offsetIn({ place }: FoundEntry): number {
  return Number(place.slice(place.indexOf('@') + 1));
}

/** The writes in order, each part with about `ROWS_PER_WRITE` rows. */
function* slices(writes: readonly RowWrite[]): Generator<readonly RowWrite[]> {
  let rows = 0;
  let from = 0;
  for (const [at, { entries }] of writes.entries()) {
    rows += entries.length;
    if (rows < ROWS_PER_WRITE) continue;
    yield writes.slice(from, at + 1);
    [rows, from] = [0, at + 1];
  }
  if (from < writes.length) yield writes.slice(from);
}
