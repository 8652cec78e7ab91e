import { types } from 'cassandra-driver';
import { idIn } from '../../schemas/channels';
import { spread } from '../../schemas/hash';
import { countedOrigin } from '../../schemas/origins';
import type { FoundLike, Offsets, RowStore, StoredLike } from '../row-store';
import type { CassandraSession, Values } from './session';

/** The partitions over which a channel's likes are spread, so that none grows without bound. */
export const LIKE_SHARDS = 64;

/**
 * The write timestamp (µs) of a like at offset 0. The greatest write timestamp wins, so a like at
 * offset n is written with this minus n: the earliest copy in an origin's log wins. Each origin has
 * a cell of its own, because offsets of different logs cannot be compared. These timestamps lie in
 * the year 2112, so a plain DELETE, which carries the current time, deletes nothing. An operator
 * deletes a like by
 *
 *     DELETE FROM likes USING TIMESTAMP 4503599627370496
 *       WHERE channel = 'video:…' AND shard = … AND like_id = '…'
 *
 * (2^52). Until Cassandra purges the tombstone (`gc_grace_seconds`), that id is not stored again.
 */
export const FIRST_OFFSET_TIMESTAMP_US = 2 ** 52;

const ROW = 'WHERE channel = ? AND shard = ? AND like_id = ?';
const INSERT = `UPDATE likes USING TIMESTAMP ? SET copies[?] = ? ${ROW}`;
const FIND = `SELECT like_id, copies, withdrawn FROM likes ${ROW}`;
const WITHDRAW = `UPDATE likes USING TIMESTAMP ? SET withdrawn = withdrawn + ? ${ROW}`;

/** The rows of likes in Cassandra: one row an id, with the first copy in each origin's log. */
export class CassandraRowStore implements RowStore {
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
    const rows = await this.rows(channel, likeIds);
    return rows.flatMap((row) => likeIn(channel, row) ?? []);
  }

  async offsets(
    channel: string,
    likeIds: readonly string[],
  ): Promise<ReadonlyMap<string, Offsets>> {
    const rows = await this.rows(channel, likeIds);
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
    const copy = new types.Tuple(offset, memberId, reaction, at);
    return [timestamp, this.origin, copy, ...keyOf(channel, likeId)];
  }

  private rows(channel: string, likeIds: readonly string[]): Promise<readonly types.Row[]> {
    return this.session.executeAll(
      FIND,
      likeIds.map((likeId) => keyOf(channel, likeId)),
    );
  }

  private toOffsets(row: types.Row): Offsets {
    const { copies, withdrawn } = copiesIn(row);
    const own = copies.get(this.origin);
    const others = [...copies.keys()].filter((origin) => origin !== this.origin);
    return {
      own: own && { offset: own.offset, reaction: own.reaction },
      isWithdrawn: withdrawn.has(this.origin),
      elsewhere: others.filter((origin) => !withdrawn.has(origin)),
    };
  }
}

/** An origin's cell of a row. */
interface Copy {
  readonly offset: number;
  readonly memberId: string;
  readonly reaction: string;
  readonly at: number;
}

/**
 * The like of a row that has `like_id`, `copies` and `withdrawn`; undefined if it was withdrawn
 * before any copy was stored.
 */
export function likeIn(channel: string, row: types.Row): FoundLike | undefined {
  const { copies, withdrawn } = copiesIn(row);
  const copy = copies.get(countedOrigin([...copies.keys()], withdrawn) ?? '');
  if (!copy) return undefined;
  const { at, memberId, reaction } = copy;
  const videoId = idIn(channel);
  return { likeId: String(row.get('like_id')), videoId, memberId, reaction, at };
}

/** The copies of a row by origin, and the origins that withdrew theirs. */
export function copiesIn(row: types.Row) {
  const copies = new Map<string, Copy>();
  for (const [origin, cell] of Object.entries<unknown>(row.get('copies') ?? {})) {
    if (!(cell instanceof types.Tuple)) continue;
    const [offset, memberId, reaction, at] = cell.values();
    copies.set(origin, {
      ...{ offset: Number(offset), at: Number(at) },
      ...{ memberId: String(memberId), reaction: String(reaction) },
    });
  }
  const withdrawn: unknown[] = row.get('withdrawn') ?? [];
  return { copies, withdrawn: new Set(withdrawn.map(String)) };
}

function keyOf(channel: string, likeId: string): [string, number, string] {
  return [channel, shardOf(likeId), likeId];
}

/** The shard, among those of a channel's likes, for this id. */
export function shardOf(likeId: string): number {
  return spread(likeId) % LIKE_SHARDS;
}
