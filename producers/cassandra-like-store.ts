import type { Client, types } from 'cassandra-driver';
import { asLikestreamError } from '../schemas/errors';
import { spread } from '../schemas/hash';
import type { FoundLike, LikeStore, Offsets, StoredLike } from './store';

/** A channel's likes are spread over so many partitions, so that none grows without bound. */
export const LIKE_SHARDS = 64;

/** The driver refuses more than some thousand requests under way. */
const READS_AT_ONCE = 500;

// The greatest write timestamp wins: the earliest offset has the greatest.
const FIRST_OFFSET_TIMESTAMP = 2 ** 52;

const ROW = 'WHERE channel = ? AND shard = ? AND like_id = ?';
const INSERT = `UPDATE likes USING TIMESTAMP ? SET member_id = ?, reaction = ?, at = ?, offsets[?] = ? ${ROW}`;
const FIND = `SELECT like_id, member_id, reaction, at FROM likes ${ROW}`;
const OFFSETS = `SELECT like_id, offsets, withdrawn FROM likes ${ROW}`;
const WITHDRAW = `UPDATE likes SET withdrawn = withdrawn + ? ${ROW}`;

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
    const rows = await this.rows(FIND, channel, likeIds);
    // One that was withdrawn before it was put there has its offsets alone.
    return rows.filter((row) => row.get('at') !== null).map((row) => toLike(channel, row));
  }

  async offsets(
    channel: string,
    likeIds: readonly string[],
  ): Promise<ReadonlyMap<string, Offsets>> {
    const rows = await this.rows(OFFSETS, channel, likeIds);
    return new Map(rows.map((row) => [String(row.get('like_id')), this.toOffsets(row)]));
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    const { client, origin } = this;
    try {
      await Promise.all(
        likeIds.map((likeId) =>
          client.execute(WITHDRAW, [[origin], ...keyOf(channel, likeId)], OPTIONS),
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

  private async rows(
    query: string,
    channel: string,
    likeIds: readonly string[],
  ): Promise<types.Row[]> {
    const found: types.ResultSet[] = [];
    try {
      for (let at = 0; at < likeIds.length; at += READS_AT_ONCE) {
        const some = likeIds.slice(at, at + READS_AT_ONCE);
        const reads = some.map((likeId) =>
          this.client.execute(query, keyOf(channel, likeId), OPTIONS),
        );
        found.push(...(await Promise.all(reads)));
      }
      return found.flatMap(({ rows }) => rows);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  private toOffsets(row: types.Row): Offsets {
    const offsets = new Map(Object.entries<unknown>(row.get('offsets') ?? {}));
    const withdrawn = new Set<unknown>(row.get('withdrawn') ?? []);
    const own = offsets.get(this.origin);
    const others = [...offsets.keys()].filter((origin) => origin !== this.origin);
    return {
      own: own === undefined ? undefined : Number(own),
      isWithdrawn: withdrawn.has(this.origin),
      elsewhere: others.filter((origin) => !withdrawn.has(origin)),
    };
  }
}

function toLike(channel: string, row: types.Row): FoundLike {
  return {
    likeId: String(row.get('like_id')),
    videoId: channel.slice(channel.indexOf(':') + 1),
    memberId: String(row.get('member_id')),
    reaction: String(row.get('reaction')),
    at: Number(row.get('at')),
  };
}

function keyOf(channel: string, likeId: string): [string, number, string] {
  return [channel, shardOf(likeId), likeId];
}

function shardOf(likeId: string): number {
  return spread(likeId) % LIKE_SHARDS;
}
