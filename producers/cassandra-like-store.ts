import type { Client, types } from 'cassandra-driver';
import { asLikestreamError } from '../schemas/errors';
import { spread } from '../schemas/hash';
import type { LikeStore, StoredLike } from './store';

/** A channel's likes are spread over so many partitions, so that none grows without bound. */
export const LIKE_SHARDS = 64;

// The greatest write timestamp wins: the earliest offset has the greatest.
const FIRST_OFFSET_TIMESTAMP = 2 ** 52;

const INSERT =
  'INSERT INTO likes (channel, shard, like_id, member_id, reaction, at, log_offset) ' +
  'VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?';
const FIND =
  'SELECT like_id, member_id, reaction, at, log_offset FROM likes ' +
  'WHERE channel = ? AND shard = ? AND like_id = ?';

const OPTIONS = { prepare: true, isIdempotent: true };

/** The set of likes in Cassandra: one row an id, the first in the log kept. */
export class CassandraLikeStore implements LikeStore {
  constructor(private readonly client: Client) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    try {
      await Promise.all(likes.map((like) => this.insertOne(channel, like)));
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly StoredLike[]> {
    try {
      const found = await Promise.all(
        likeIds.map((likeId) =>
          this.client.execute(FIND, [channel, shardOf(likeId), likeId], OPTIONS),
        ),
      );
      return found.flatMap(({ rows }) => rows.map((row) => toLike(channel, row)));
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  private insertOne(channel: string, like: StoredLike): Promise<types.ResultSet> {
    const { likeId, memberId, reaction, at, offset } = like;
    const timestamp = FIRST_OFFSET_TIMESTAMP - offset;
    const row = [channel, shardOf(likeId), likeId, memberId, reaction, at, offset, timestamp];
    return this.client.execute(INSERT, row, OPTIONS);
  }
}

function shardOf(likeId: string): number {
  return spread(likeId) % LIKE_SHARDS;
}

function toLike(channel: string, row: types.Row): StoredLike {
  return {
    likeId: String(row.get('like_id')),
    videoId: channel.slice(channel.indexOf(':') + 1),
    memberId: String(row.get('member_id')),
    reaction: String(row.get('reaction')),
    at: Number(row.get('at')),
    offset: Number(row.get('log_offset')),
  };
}
