import { asLikestreamError } from '../../schemas/errors';
import type { EventType } from '../../schemas/event-type';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';
import { bodyOf, columnsOf } from '../shared/row-body';
import type { Database, Json } from './database';

/** A row as it is stored: without names, but for the body's, whose columns may change. */
type Row = readonly [memberId: string, at: number, offset: number, body: Json];

/**
 * The rows of one event type in the embedded database: `rows/TYPE/ID/CHANNEL`. Ids come first,
 * because UUIDv7 of the same time are neighbours: so a write changes few pages of the database.
 */
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
      value: this.rowOf(entry),
      replaces: (current: unknown) => entry.offset < offsetIn(current as Row),
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return this.rows(channel, ids).map(([id, [memberId, at, offset, body]]) => {
      return { id, memberId, at, body, place: `${this.origin}@${offset}` };
    });
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const none = { isWithdrawn: false, elsewhere: [] };
    return new Map(
      this.rows(channel, ids).map(([id, [, , offset, body]]) => {
        return [id, { own: { offset, body }, ...none }];
      }),
    );
  }

  /** Does nothing: embedded mode has one datacenter, so no entry is cancelled. */
  async withdraw(): Promise<void> {}

  private rowOf({ at, body, memberId, offset }: StoredEntry): Json[] {
    const stored = bodyOf(this.type, columnsOf(this.type, body));
    return [memberId, at, offset, stored as Json];
  }

  private rows(channel: string, ids: readonly string[]): (readonly [string, Row])[] {
    return ids.flatMap((id) => {
      const row = this.database.get(this.keyOf(channel, id));
      return row === undefined ? [] : [[id, row as unknown as Row] as const];
    });
  }

  private keyOf(channel: string, id: string): string {
    return `rows/${this.type.name}/${id}/${channel}`;
  }
}

function offsetIn([, , offset]: Row): number {
  return offset;
}
