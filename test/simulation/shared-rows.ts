import type { Database, Json, Value } from '../../adapters/embedded/database';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../../adapters/row-store';
import { bodyOf, columnsOf } from '../../adapters/shared/row-body';
import type { LoggedType } from '../../schemas/event-type';
import { countedOrigin } from '../../schemas/origins';

/** The copies of one entry. */
export interface Row {
  /** By origin, the first copy in its log. */
  readonly copies: ReadonlyMap<string, StoredEntry>;
  readonly withdrawn: ReadonlySet<string>;
  readonly isDeleted: boolean;
}

/** The rows of a type that all datacenters share, in the place of a Cassandra that spans them. */
export class SharedRows implements RowStore {
  constructor(
    private readonly database: Database,
    private readonly type: Pick<LoggedType, 'columns' | 'name'>,
    private readonly origin: string,
  ) {}

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    const changes = entries.map((entry) => ({
      key: `${this.rowPrefix(channel)}/${entry.id}/${this.origin}`,
      value: { ...entry, body: this.storedBody(entry.body) } as unknown as Json,
      replaces: (current: Value) => entry.offset < asEntry(current).offset,
    }));
    await this.database.write(changes);
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return ids.flatMap((id) => this.entryIn(this.row(channel, id)) ?? []);
  }

  async offsets(channel: string, ids: readonly string[]) {
    const rows = ids.map((id) => [id, this.row(channel, id)] as const);
    const isThere = ({ copies, withdrawn }: Row): boolean => copies.size + withdrawn.size > 0;
    const found = rows.filter(([, row]) => isThere(row));
    return new Map(found.map(([id, row]) => [id, this.offsetsOf(row)]));
  }

  async withdraw(channel: string, ids: readonly string[]): Promise<void> {
    await this.database.write(
      ids.map((id) => ({
        key: `${this.withdrawnPrefix(channel)}/${id}/${this.origin}`,
        value: true,
      })),
    );
  }

  async remove(channel: string, ids: readonly string[]): Promise<void> {
    await this.database.write(
      ids.map((id) => ({ key: this.deletedKey(channel, id), value: true })),
    );
  }

  private storedBody(body: unknown): object {
    return bodyOf(this.type, columnsOf(this.type, body));
  }

  /** All entries of a channel. */
  rows(channel: string): FoundEntry[] {
    const ids = new Set<string>();
    for (const { value } of this.rangeOf(this.rowPrefix(channel))) ids.add(asEntry(value).id);
    return [...ids].flatMap((id) => this.entryIn(this.row(channel, id)) ?? []);
  }

  /** The copies of all entries of a channel, by id. */
  copies(channel: string): ReadonlyMap<string, Row> {
    const ids = [...this.rangeOf(this.rowPrefix(channel))].map(({ value }) => asEntry(value).id);
    return new Map(ids.map((id) => [id, this.row(channel, id)]));
  }

  /** The origin whose body the row shows. */
  protected originOf({ copies, withdrawn }: Row): string | undefined {
    return countedOrigin([...copies.keys()], withdrawn);
  }

  private entryIn(row: Row): FoundEntry | undefined {
    const origin = this.originOf(row) ?? '';
    const copy = row.copies.get(origin);
    if (!copy) return undefined;
    const { offset, ...entry } = copy;
    const place = `${origin}@${offset}`;
    return row.isDeleted ? { ...entry, body: {}, place, isDeleted: true } : { ...entry, place };
  }

  private row(channel: string, id: string): Row {
    const copies = new Map<string, StoredEntry>();
    for (const { key, value } of this.rangeOf(`${this.rowPrefix(channel)}/${id}`)) {
      copies.set(originIn(key), asEntry(value));
    }
    const withdrawals = [...this.rangeOf(`${this.withdrawnPrefix(channel)}/${id}`)];
    const withdrawn = new Set(withdrawals.map(({ key }) => originIn(key)));
    const isDeleted = this.database.get(this.deletedKey(channel, id)) !== undefined;
    return { copies, withdrawn, isDeleted };
  }

  private offsetsOf({ copies, isDeleted, withdrawn }: Row): Offsets {
    const own = copies.get(this.origin);
    const others = [...copies.keys()].filter((origin) => origin !== this.origin);
    return {
      own: own && { offset: own.offset, body: isDeleted ? {} : own.body },
      isWithdrawn: withdrawn.has(this.origin),
      elsewhere: others.filter((origin) => !withdrawn.has(origin)),
    };
  }

  private rowPrefix(channel: string): string {
    return `rows/${this.type.name}/${channel}`;
  }

  private withdrawnPrefix(channel: string): string {
    return `withdrawn/${this.type.name}/${channel}`;
  }

  private deletedKey(channel: string, id: string): string {
    return `deleted/${this.type.name}/${channel}/${id}`;
  }

  private rangeOf(prefix: string) {
    return this.database.range({ from: `${prefix}/`, to: `${prefix}0` });
  }
}

function originIn(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function asEntry(value: Value): StoredEntry {
  return value as unknown as StoredEntry;
}
