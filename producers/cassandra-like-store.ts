import type { Client, types } from 'cassandra-driver';
import { asLikestreamError } from '../schemas/errors';
import { spread } from '../schemas/hash';
import type { FoundLike, LikeStore, StoredLike } from './store';

/** A channel's likes are spread over so many partitions, so that none grows without bound. */
export const LIKE_SHARDS = 64;

// The greatest write timestamp wins: the earliest offset has the greatest.
const FIRST_OFFSET_TIMESTAMP = 2 ** 52;

// Later than any of those.
const WITHDRAWAL_TIMESTAMP = FIRST_OFFSET_TIMESTAMP + 1;

const ROW = 'WHERE channel = ? AND shard = ? AND like_id = ?';
const INSERT = `UPDATE likes USING TIMESTAMP ? SET member_id = ?, reaction = ?, at = ?, offsets[?] = ? ${ROW}`;
const FIND = `SELECT like_id, member_id, reaction, at, offsets FROM likes ${ROW}`;
const WITHDRAW = `DELETE offsets[?] FROM likes USING TIMESTAMP ? ${ROW}`;

const OPTIONS = { prepare: true, isIdempotent: true };

/** The set of likes in Cassandra: one row an id, with its first offset in each origin's log. */
export class CassandraLikeStore implements LikeStore {
  /** Offsets are those of `origin`'s log, as in `dc1.1`. */
  constructor(
    private readonly client: Client,
    private readonly origin: string,
  ) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    try {
      await Promise.all(likes.map((like) => this.insertOne(channel, like)));
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    try {
      const found = await Promise.all(
        likeIds.map((likeId) => this.client.execute(FIND, keyOf(channel, likeId), OPTIONS)),
      );
      return found.flatMap(({ rows }) => rows.map((row) => this.toLike(channel, row)));
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    const { client, origin } = this;
    try {
      await Promise.all(
        likeIds.map((likeId) =>
          client.execute(
            WITHDRAW,
            [origin, WITHDRAWAL_TIMESTAMP, ...keyOf(channel, likeId)],
            OPTIONS,
          ),
        ),
      );
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  private insertOne(channel: string, like: StoredLike): Promise<types.ResultSet> {
    const { likeId, memberId, reaction, at, offset } = like;
    const timestamp = FIRST_OFFSET_TIMESTAMP - offset;
    const row = [timestamp, memberId, reaction, at, this.origin, offset, ...keyOf(channel, likeId)];
    return this.client.execute(INSERT, row, OPTIONS);
  }

  private toLike(channel: string, row: types.Row): FoundLike {
    const offset = row.get('offsets')?.[this.origin];
    return {
      likeId: String(row.get('like_id')),
      videoId: channel.slice(channel.indexOf(':') + 1),
      memberId: String(row.get('member_id')),
      reaction: String(row.get('reaction')),
      at: Number(row.get('at')),
      offset: offset === undefined ? undefined : Number(offset),
    };
  }
}

function keyOf(channel: string, likeId: string): [string, number, string] {
  return [channel, shardOf(likeId), likeId];
}

function shardOf(likeId: string): number {
  return spread(likeId) % LIKE_SHARDS;
}
