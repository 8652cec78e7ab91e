import { asLikestreamError } from '../../schemas/errors';
import type { FoundLike, Offsets, RowStore, StoredLike } from '../row-store';
import type { Database } from './database';

/** The rows of likes in the embedded database: `likes/CHANNEL/LIKE_ID`. */
export class EmbeddedRowStore implements RowStore {
  constructor(private readonly database: Database) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    const changes = likes.map((like) => ({
      key: likeKey(channel, like.likeId),
      value: { ...like },
      replaces: (current: unknown) => like.offset < (current as StoredLike).offset,
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    return this.rows(channel, likeIds).map(({ offset: _, ...like }) => like);
  }

  async offsets(
    channel: string,
    likeIds: readonly string[],
  ): Promise<ReadonlyMap<string, Offsets>> {
    const rows = this.rows(channel, likeIds);
    const none = { isWithdrawn: false, elsewhere: [] };
    return new Map(
      rows.map(({ likeId, offset, reaction }) => [likeId, { own: { offset, reaction }, ...none }]),
    );
  }

  /** Does nothing: embedded mode has one datacenter, so no like is cancelled. */
  async withdraw(): Promise<void> {}

  private rows(channel: string, likeIds: readonly string[]): StoredLike[] {
    return likeIds.flatMap((likeId) => {
      const like = this.database.get(likeKey(channel, likeId));
      return like === undefined ? [] : [like as unknown as StoredLike];
    });
  }
}

function likeKey(channel: string, likeId: string): string {
  return `likes/${channel}/${likeId}`;
}
