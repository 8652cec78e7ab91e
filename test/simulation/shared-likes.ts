import type { FoundLike, LikeStore, Offsets, StoredLike } from '../../producers/store';
import type { Json } from '../../runtime/database';
import type { SimulatedDatabase } from './simulated-database';

/** The set of likes that all datacenters share, in the place of a Cassandra that spans them. */
export class SharedLikes implements LikeStore {
  constructor(
    private readonly database: SimulatedDatabase,
    private readonly origin: string,
  ) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    const changes = likes.flatMap(({ offset, ...like }) => [
      { key: `likes/${channel}/${like.likeId}`, value: like, replaces: () => false },
      {
        key: offsetKey(channel, like.likeId, this.origin),
        value: offset,
        replaces: (current: Json) => offset < Number(current),
      },
    ]);
    await this.database.write(changes);
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    return likeIds.flatMap((likeId) => {
      const like = this.database.get(`likes/${channel}/${likeId}`);
      return like === undefined ? [] : [like as unknown as FoundLike];
    });
  }

  async offsets(channel: string, likeIds: readonly string[]) {
    return new Map(likeIds.map((likeId) => [likeId, this.offsetsOf(channel, likeId)]));
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    await this.database.write(
      likeIds.map((likeId) => ({ key: withdrawalKey(channel, likeId, this.origin), value: true })),
    );
  }

  private offsetsOf(channel: string, likeId: string): Offsets {
    const prefix = offsetKey(channel, likeId, '');
    const all = [...this.database.range({ from: prefix, to: `${prefix}~` })];
    const offsets = new Map(all.map(({ key, value }) => [key.slice(prefix.length), Number(value)]));
    const isStanding = (origin: string): boolean =>
      this.database.get(withdrawalKey(channel, likeId, origin)) === undefined;
    return {
      own: offsets.get(this.origin),
      isWithdrawn: !isStanding(this.origin),
      elsewhere: [...offsets.keys()].filter((each) => each !== this.origin && isStanding(each)),
    };
  }
}

function offsetKey(channel: string, likeId: string, origin: string): string {
  return `offsets/${channel}/${likeId}/${origin}`;
}

function withdrawalKey(channel: string, likeId: string, origin: string): string {
  return `withdrawn/${channel}/${likeId}/${origin}`;
}
