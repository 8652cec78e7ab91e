import type { types } from 'cassandra-driver';
import type { CassandraSession, Values } from '../runtime/cassandra-session';
import { spread } from '../schemas/hash';
import type { FoundLike, LikeStore, Offsets, StoredLike } from './store';

/** A channel's likes are spread over so many partitions, so that none grows without bound. */
export const LIKE_SHARDS = 64;

/**
 * The write timestamp (µs) of a like at offset 0. The greatest write timestamp wins, so a like at
 * offset n is written at this minus n: the earliest copy wins. These timestamps lie in the year
 * 2112, so a plain DELETE, which carries the current time, deletes nothing. An operator deletes a
 * like by
 *
 *     DELETE FROM likes USING TIMESTAMP 4503599627370496
 *       WHERE channel = 'video:…' AND shard = … AND like_id = '…'
 *
 * (2^52). Until Cassandra purges the tombstone (`gc_grace_seconds`), that id is not stored again.
 */
export const FIRST_OFFSET_TIMESTAMP_US = 2 ** 52;

const ROW = 'WHERE channel = ? AND shard = ? AND like_id = ?';
const INSERTED = 'SET member_id = ?, reaction = ?, at = ?, offsets[?] = ?';
const INSERT = `UPDATE likes USING TIMESTAMP ? ${INSERTED} ${ROW}`;
const FIND = `SELECT like_id, member_id, reaction, at FROM likes ${ROW}`;
const OFFSETS = `SELECT like_id, offsets, withdrawn FROM likes ${ROW}`;
const WITHDRAW = `UPDATE likes USING TIMESTAMP ? SET withdrawn = withdrawn + ? ${ROW}`;

/** The set of likes in Cassandra: one row an id, with its first offset in each origin's log. */
export class CassandraLikeStore implements LikeStore {
  /** Offsets are those of `origin`'s log, as in `dc1.1`. */
  constructor(
    private readonly session: CassandraSession,
    private readonly origin: string,
  ) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    await this.session.executeAll(
      INSERT,
      likes.map((like) => this.valuesOf(channel, like)),
    );
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
    await this.session.executeAll(
      WITHDRAW,
      likeIds.map((likeId) => [
        FIRST_OFFSET_TIMESTAMP_US,
        [this.origin],
        ...keyOf(channel, likeId),
      ]),
    );
  }

  private valuesOf(channel: string, like: StoredLike): Values {
    const { likeId, memberId, reaction, at, offset } = like;
    const timestamp = FIRST_OFFSET_TIMESTAMP_US - offset;
    return [timestamp, memberId, reaction, at, this.origin, offset, ...keyOf(channel, likeId)];
  }

  private rows(
    query: string,
    channel: string,
    likeIds: readonly string[],
  ): Promise<readonly types.Row[]> {
    return this.session.executeAll(
      query,
      likeIds.map((likeId) => keyOf(channel, likeId)),
    );
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

/** The shard, among those of a channel's likes, for this id. */
export function shardOf(likeId: string): number {
  return spread(likeId) % LIKE_SHARDS;
}
