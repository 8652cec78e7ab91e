import { asLikestreamError } from '../../schemas/errors';
import type { EventType } from '../../schemas/event-type';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';
import { bodyOf, columnsOf } from '../shared/row-body';
import type { Database, Json } from './database';

/** A row as it is stored: an entry with the columns of its body. */
interface Row extends Omit<StoredEntry, 'body'> {
  readonly columns: readonly unknown[];
}

/** The rows of one event type in the embedded database: `rows/TYPE/CHANNEL/ID`. */
export class EmbeddedRowStore implements RowStore {
  /** Offsets are those of `origin`'s log, as in `dc1.1`. */
  constructor(
    private readonly database: Database,
    private readonly type: EventType,
    private readonly origin: string,
  ) {}

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    const changes = entries.map(({ body, ...entry }) => ({
      key: this.keyOf(channel, entry.id),
      value: { ...entry, columns: columnsOf(this.type, body) as Json[] },
      replaces: (current: unknown) => entry.offset < (current as Row).offset,
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return this.rows(channel, ids).map(({ columns, offset, ...entry }) => {
      const body = bodyOf(this.type, columns);
      return { ...entry, body, place: `${this.origin}@${offset}` };
    });
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const rows = this.rows(channel, ids);
    const none = { isWithdrawn: false, elsewhere: [] };
    return new Map(
      rows.map(({ columns, id, offset }) => {
        const own = { offset, body: bodyOf(this.type, columns) };
        return [id, { own, ...none }];
      }),
    );
  }

  /** Does nothing: embedded mode has one datacenter, so no entry is cancelled. */
  async withdraw(): Promise<void> {}

  private rows(channel: string, ids: readonly string[]): Row[] {
    return ids.flatMap((id) => {
      const row = this.database.get(this.keyOf(channel, id));
      return row === undefined ? [] : [row as unknown as Row];
    });
  }

  private keyOf(channel: string, id: string): string {
    return `rows/${this.type.name}/${channel}/${id}`;
  }
}
