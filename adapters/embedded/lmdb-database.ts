import type { RootDatabase } from 'lmdb';
import type { Clock } from '../../runtime/clock';
import { requireSoundFile } from './data-file';
import type { Change, Database, Range, Value } from './database';
import { loadLmdb } from './load-lmdb';

/** A write that waits for its transaction. */
interface Waiting {
  readonly changes: readonly Change[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The database on LMDB. All writes of a turn of the event loop share one transaction and one sync.
 * The transaction runs on this thread: if the disk is full, lmdb's own background commit leaves a
 * rejection that no caller can handle.
 */
export class LmdbDatabase implements Database {
  private readonly lmdb: RootDatabase<Value, string>;
  private waiting: Waiting[] = [];
  private closed = false;

  constructor(
    path: string,
    private readonly clock: Clock,
  ) {
    requireSoundFile(path);
    this.lmdb = loadLmdb().open<Value, string>({
      path,
      encoding: 'msgpack',
      overlappingSync: false,
    });
  }

  get(key: string): Value | undefined {
    return this.lmdb.get(key);
  }

  *range({ from, to, limit, reverse = false }: Range): Iterable<{ key: string; value: Value }> {
    const [start, end] = reverse ? [to, from] : [from, to];
    // In lmdb a range includes its start and excludes its end, a reverse range as well. Here `from`
    // is inclusive and `to` exclusive in both directions.
    const bounds = { start, end, reverse, limit: limit === undefined ? undefined : limit + 1 };
    let left = limit ?? Number.POSITIVE_INFINITY;
    if (reverse) Object.assign(bounds, { exclusiveStart: true, inclusiveEnd: true });
    for (const { key, value } of this.lmdb.getRange(bounds)) {
      if (left-- <= 0) return;
      yield { key, value };
    }
  }

  write(changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw new Error('the database is closed');
      if (this.waiting.length === 0) this.clock.after(0, () => this.commit());
      this.waiting.push({ changes, resolve, reject });
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.commit();
    await this.lmdb.close();
  }

  private commit(): void {
    const group = this.waiting;
    this.waiting = [];
    if (group.length === 0) return;
    try {
      this.lmdb.transactionSync(() => {
        for (const { changes } of group) for (const change of changes) this.apply(change);
      });
    } catch (error) {
      for (const write of group) write.reject(error);
      return;
    }
    for (const write of group) write.resolve();
  }

  private apply({ key, value, replaces }: Change): void {
    if (replaces) {
      const current = this.lmdb.get(key);
      if (current !== undefined && !replaces(current)) return;
    }
    if (value === undefined) this.lmdb.removeSync(key);
    else this.lmdb.putSync(key, value);
  }
}
