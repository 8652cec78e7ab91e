import { asLikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';
import { bodyOf, columnsOf } from '../shared/row-body';
import { type BlockRow, CLEARED_BODY, sortedRows } from './blocks/block-row';
import { BlockRows } from './blocks/block-rows';
import { isPacked } from './blocks/packed-id';
import type { Change, Database, Json } from './database';

/** Entries of one channel to store. */
export interface RowWrite {
  readonly channel: string;
  readonly entries: readonly StoredEntry[];
}

/** A row with a key of its own, as it is stored: the body is JSON. */
type Row = readonly [memberId: string, at: number, offset: number, body: string];

/**
 * The rows of one event type in the embedded database. Rows whose id is a UUIDv7 are packed into
 * blocks, because those of the same time are neighbours. Each other row has a key of its own,
 * `rows/TYPE/ID/CHANNEL`. A deleted row has the key `deleted/TYPE/ID/CHANNEL`, too, so that no
 * later copy brings its body back.
 */
export class EmbeddedRowStore implements RowStore {
  private readonly blocks: BlockRows;
  /** Resolves when the last write has ended: the next one reads what it has written. */
  private idle: Promise<unknown> = Promise.resolve();

  /** Offsets are those of `origin`'s log, as in `dc1.1`. */
  constructor(
    private readonly database: Database,
    private readonly type: LoggedType,
    private readonly origin: string,
  ) {
    this.blocks = new BlockRows(database, type.name);
  }

  insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    return this.insertAll([{ channel, entries }]);
  }

  /** As `insert`, for several channels. */
  insertAll(writes: readonly RowWrite[]): Promise<void> {
    return this.inTurn(() => this.write(writes));
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return this.rows(channel, ids).map(([id, [memberId, at, offset, body]]) => {
      const entry = { id, memberId, at, body: JSON.parse(body), place: `${this.origin}@${offset}` };
      return this.isDeleted(channel, id) ? { ...entry, isDeleted: true } : entry;
    });
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const none = { isWithdrawn: false, elsewhere: [] };
    return new Map(
      this.rows(channel, ids).map(([id, [, , offset, body]]) => {
        return [id, { own: { offset, body: JSON.parse(body) }, ...none }];
      }),
    );
  }

  /** Does nothing: embedded mode has one datacenter, so no entry is cancelled. */
  async withdraw(): Promise<void> {}

  remove(channel: string, ids: readonly string[]): Promise<void> {
    return this.inTurn(() => this.clear(channel, ids));
  }

  /** Whether an entry was removed, stored or not. */
  isDeleted(channel: string, id: string): boolean {
    return (
      this.type.isDeletable === true && this.database.get(this.deletedKey(channel, id)) === true
    );
  }

  private inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.idle.then(write);
    this.idle = written.catch(() => undefined);
    return written;
  }

  private async clear(channel: string, ids: readonly string[]): Promise<void> {
    const packed: BlockRow[] = [];
    const changes: Change[] = [];
    for (const id of ids) {
      changes.push({ key: this.deletedKey(channel, id), value: true });
      const stored = this.row(channel, id);
      if (!stored) continue;
      const [memberId, at, offset] = stored;
      if (isPacked(id)) packed.push({ id, channel, memberId, at, offset, body: CLEARED_BODY });
      else {
        const value: Json[] = [memberId, at, offset, CLEARED_BODY];
        changes.push({ key: this.keyOf(channel, id), value });
      }
    }
    await this.apply(changes, packed);
  }

  private async write(writes: readonly RowWrite[]): Promise<void> {
    const packed: BlockRow[] = [];
    const changes: Change[] = [];
    const bodies = new StoredBodies(this.type);
    for (const { channel, entries } of writes) {
      for (const { at, body, id, memberId, offset } of entries) {
        const text = this.isDeleted(channel, id) ? CLEARED_BODY : bodies.textOf(body);
        const row = { id, channel, memberId, at, offset, body: text };
        if (isPacked(id)) packed.push(row);
        else changes.push(this.changeOf(row));
      }
    }
    await this.apply(changes, packed);
  }

  private async apply(changes: readonly Change[], packed: readonly BlockRow[]): Promise<void> {
    try {
      await this.database.write([...changes, ...this.blocks.changesFor(sortedRows(packed))]);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  private changeOf({ at, body, channel, id, memberId, offset }: BlockRow): Change {
    const value: Json[] = [memberId, at, offset, body];
    const replaces = (current: unknown): boolean => offset < offsetIn(current as Row);
    return { key: this.keyOf(channel, id), value, replaces };
  }

  private rows(channel: string, ids: readonly string[]): (readonly [string, Row])[] {
    return ids.flatMap((id) => {
      const row = this.row(channel, id);
      return row === undefined ? [] : [[id, row] as const];
    });
  }

  private row(channel: string, id: string): Row | undefined {
    if (!isPacked(id)) return this.database.get(this.keyOf(channel, id)) as Row | undefined;
    const row = this.blocks.find(id, channel);
    return row && [row.memberId, row.at, row.offset, row.body];
  }

  private deletedKey(channel: string, id: string): string {
    return `deleted/${this.type.name}/${id}/${channel}`;
  }

  private keyOf(channel: string, id: string): string {
    return `rows/${this.type.name}/${id}/${channel}`;
  }
}

function offsetIn([, , offset]: Row): number {
  return offset;
}

type Fields = Readonly<Record<string, unknown>>;

/** The JSON of bodies as they are stored, with the columns of their type. */
class StoredBodies {
  private readonly texts = new Map<string, string>();
  /** The type's column if it has no other one: its text is a shorter key than the body's JSON. */
  private readonly onlyColumn: string | undefined;

  constructor(private readonly type: LoggedType) {
    const [first, ...others] = Object.keys(type.columns);
    this.onlyColumn = others.length === 0 ? first : undefined;
  }

  textOf(body: unknown): string {
    const given = this.keyOf(body);
    const known = this.texts.get(given);
    if (known !== undefined) return known;
    const stored = JSON.stringify(bodyOf(this.type, columnsOf(this.type, body)));
    this.texts.set(given, stored);
    return stored;
  }

  // JSON of an object begins with a brace, the mark of a text with none.
  private keyOf(body: unknown): string {
    const value =
      this.onlyColumn === undefined ? undefined : (body as Fields | null)?.[this.onlyColumn];
    return typeof value === 'string' ? `"${value}` : JSON.stringify(body);
  }
}
