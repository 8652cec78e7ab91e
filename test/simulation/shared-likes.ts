import type { Database, Json } from '../../adapters/embedded/database';
import type { FoundLike, Offsets, RowStore, StoredLike } from '../../adapters/row-store';
import { countedOrigin } from '../../schemas/origins';

/** The copies of one like. */
export interface Row {
  /** By origin, the first copy in its log. */
  readonly copies: ReadonlyMap<string, StoredLike>;
  readonly withdrawn: ReadonlySet<string>;
}

/** The set of likes that all datacenters share, in the place of a Cassandra that spans them. */
export class SharedLikes implements RowStore {
  constructor(
    private readonly database: Database,
    private readonly origin: string,
  ) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    const changes = likes.map((like) => ({
      key: `likes/${channel}/${like.likeId}/${this.origin}`,
      value: { ...like },
      replaces: (current: Json) => like.offset < asLike(current).offset,
    }));
    await this.database.write(changes);
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    return likeIds.flatMap((likeId) => this.likeIn(this.row(channel, likeId)) ?? []);
  }

  async offsets(channel: string, likeIds: readonly string[]) {
    const rows = likeIds.map((likeId) => [likeId, this.row(channel, likeId)] as const);
    const isThere = ({ copies, withdrawn }: Row): boolean => copies.size + withdrawn.size > 0;
    const found = rows.filter(([, row]) => isThere(row));
    return new Map(found.map(([likeId, row]) => [likeId, this.offsetsOf(row)]));
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    await this.database.write(
      likeIds.map((likeId) => ({
        key: `withdrawn/${channel}/${likeId}/${this.origin}`,
        value: true,
      })),
    );
  }

  /** All likes of a channel. */
  rows(channel: string): FoundLike[] {
    const ids = new Set<string>();
    for (const { value } of this.rangeOf(`likes/${channel}`)) ids.add(asLike(value).likeId);
    return [...ids].flatMap((likeId) => this.likeIn(this.row(channel, likeId)) ?? []);
  }

  /** The origin whose body the row shows. */
  protected originOf({ copies, withdrawn }: Row): string | undefined {
    return countedOrigin([...copies.keys()], withdrawn);
  }

  private likeIn(row: Row): FoundLike | undefined {
    const copy = row.copies.get(this.originOf(row) ?? '');
    if (!copy) return undefined;
    const { offset: _, ...like } = copy;
    return like;
  }

  private row(channel: string, likeId: string): Row {
    const copies = new Map<string, StoredLike>();
    for (const { key, value } of this.rangeOf(`likes/${channel}/${likeId}`)) {
      copies.set(originIn(key), asLike(value));
    }
    const withdrawals = [...this.rangeOf(`withdrawn/${channel}/${likeId}`)];
    return { copies, withdrawn: new Set(withdrawals.map(({ key }) => originIn(key))) };
  }

  private offsetsOf({ copies, withdrawn }: Row): Offsets {
    const own = copies.get(this.origin);
    const others = [...copies.keys()].filter((origin) => origin !== this.origin);
    return {
      own: own && { offset: own.offset, reaction: own.reaction },
      isWithdrawn: withdrawn.has(this.origin),
      elsewhere: others.filter((origin) => !withdrawn.has(origin)),
    };
  }

  private rangeOf(prefix: string) {
    return this.database.range({ from: `${prefix}/`, to: `${prefix}0` });
  }
}

function originIn(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function asLike(value: Json): StoredLike {
  return value as unknown as StoredLike;
}
