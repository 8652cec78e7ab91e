import { asLikestreamError } from '../../schemas/errors';
import type { EventType } from '../../schemas/event-type';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';
import { bodyOf, columnsOf } from '../shared/row-body';
import type { Database } from './database';

/** The rows of one event type in the embedded database: `rows/TYPE/CHANNEL/ID`. */
export class EmbeddedRowStore implements RowStore {
  /** Offsets are those of `origin`'s log, as in `dc1.1`. */
  constructor(
    private readonly database: Database,
    private readonly type: EventType,
    private readonly origin: string,
  ) {}

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    const changes = entries.map((entry) => ({
      key: this.keyOf(channel, entry.id),
      // By name, so that a type's rows stay readable if its columns change.
      value: { ...entry, body: { ...bodyOf(this.type, columnsOf(this.type, entry.body)) } },
      replaces: (current: unknown) => entry.offset < (current as StoredEntry).offset,
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return this.rows(channel, ids).map(({ offset, ...entry }) => {
      return { ...entry, place: `${this.origin}@${offset}` };
    });
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const rows = this.rows(channel, ids);
    const none = { isWithdrawn: false, elsewhere: [] };
    return new Map(rows.map(({ body, id, offset }) => [id, { own: { offset, body }, ...none }]));
  }

  /** Does nothing: embedded mode has one datacenter, so no entry is cancelled. */
  async withdraw(): Promise<void> {}

  private rows(channel: string, ids: readonly string[]): StoredEntry[] {
    return ids.flatMap((id) => {
      const row = this.database.get(this.keyOf(channel, id));
      return row === undefined ? [] : [row as unknown as StoredEntry];
    });
  }

  private keyOf(channel: string, id: string): string {
    return `rows/${this.type.name}/${channel}/${id}`;
  }
}
