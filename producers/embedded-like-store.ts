import type { Database } from '../runtime/database';
import { asLikestreamError } from '../schemas/errors';
import type { FoundLike, LikeStore, StoredLike } from './store';

/** The set of likes in the embedded database: `likes/CHANNEL/LIKE_ID`. */
export class EmbeddedLikeStore implements LikeStore {
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
    const found: FoundLike[] = [];
    for (const likeId of likeIds) {
      const like = this.database.get(likeKey(channel, likeId));
      if (like !== undefined) found.push(like as unknown as FoundLike);
    }
    return found;
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    const found = await this.find(channel, likeIds);
    const changes = found.map(({ offset: _, ...like }) => ({
      key: likeKey(channel, like.likeId),
      value: like,
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }
}

function likeKey(channel: string, likeId: string): string {
  return `likes/${channel}/${likeId}`;
}
