import { types } from 'cassandra-driver';
import type { LoggedType } from '../../schemas/event-type';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../row-store';
import { copiesIn, entryIn, readColumns } from './row';
import { type EqualRows, idsByShard, rowsByShard } from './row-requests';
import type { CassandraSession, Values } from './session';
import { hasBodies, tableOf } from './tables';

/**
 * The write timestamp (µs) of an entry at offset 0. The greatest write timestamp wins, so an entry
 * at offset n is written with this minus n: the earliest copy in an origin's log wins. Each origin
 * has a cell of its own, because offsets of different logs cannot be compared. These timestamps lie
 * in the year 2112, so a plain DELETE, which carries the current time, deletes nothing. An operator
 * deletes an entry by
 *
 *     DELETE FROM <table> USING TIMESTAMP 4503599627370496
 *       WHERE channel = '…' AND shard = … AND id = '…'
 *
 * (2^52). Until Cassandra purges the tombstone (`gc_grace_seconds`), that id is not stored again.
 * The mark of a removed entry is two later, and so is its DELETE.
 */
export const FIRST_OFFSET_TIMESTAMP_US = 2 ** 52;

/**
 * The write timestamp (µs) of a removal. Clearing a map deletes what is up to 1 µs older, so this
 * is later than all inserts by more than that: also a later insert stores no body.
 */
const REMOVAL_TIMESTAMP_US = FIRST_OFFSET_TIMESTAMP_US + 2;

const ROWS = 'WHERE channel = ? AND shard = ? AND id IN ?';

/**
 * The rows of one event type in Cassandra: one row an id, with the first copy in each origin's log.
 */
export class CassandraRowStore implements RowStore {
  private readonly insertQuery: string;
  private readonly findQuery: string;
  private readonly withdrawQuery: string;
  private readonly removeQuery: string;
  private readonly hasBodies: boolean;

  /** Offsets are those of `origin`'s log, as in `dc1.1`. */
  constructor(
    private readonly session: CassandraSession,
    private readonly type: LoggedType,
    private readonly origin: string,
  ) {
    const table = tableOf(type);
    this.hasBodies = hasBodies(type);
    const update = `UPDATE ${table} USING TIMESTAMP ? SET`;
    const body = this.hasBodies ? ', bodies[?] = ?' : '';
    this.insertQuery = `${update} copies[?] = ?${body} ${ROWS}`;
    this.findQuery = `SELECT ${readColumns(type)} FROM ${table} ${ROWS}`;
    this.withdrawQuery = `${update} withdrawn = withdrawn + ? ${ROWS}`;
    const noBodies = this.hasBodies ? ', bodies = {}' : '';
    this.removeQuery = `${update} deleted = true${noBodies} ${ROWS}`;
  }

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    await this.session.executeBatches(
      this.insertQuery,
      rowsByShard(this.type, entries).map(({ rows, shard }) =>
        rows.map((equal) => this.valuesOf(channel, shard, equal)),
      ),
    );
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    const rows = await this.rows(channel, ids);
    return rows.flatMap((row) => entryIn(this.type, row) ?? []);
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const rows = await this.rows(channel, ids);
    const found = new Map<string, Offsets>();
    for (const row of rows) {
      const offsets = this.toOffsets(row);
      if (offsets) found.set(String(row.get('id')), offsets);
    }
    return found;
  }

  async withdraw(channel: string, ids: readonly string[]): Promise<void> {
    await this.session.executeAll(
      this.withdrawQuery,
      keysOf(channel, ids).map((key) => [FIRST_OFFSET_TIMESTAMP_US, [this.origin], ...key]),
    );
  }

  async remove(channel: string, ids: readonly string[]): Promise<void> {
    await this.session.executeAll(
      this.removeQuery,
      keysOf(channel, ids).map((key) => [REMOVAL_TIMESTAMP_US, ...key]),
    );
  }

  private valuesOf(channel: string, shard: number, { columns, entry, ids }: EqualRows): Values {
    const { at, memberId, offset } = entry;
    const head = [offset, memberId, at];
    const { hasBodies: isSplit, origin } = this;
    const copy = new types.Tuple(...head, ...(isSplit ? [] : columns));
    const body = isSplit ? [origin, new types.Tuple(...columns)] : [];
    return [FIRST_OFFSET_TIMESTAMP_US - offset, origin, copy, ...body, channel, shard, ids];
  }

  /** The rows that are stored, in the order of the ids. */
  private async rows(channel: string, ids: readonly string[]): Promise<readonly types.Row[]> {
    const rows = await this.session.executeAll(this.findQuery, keysOf(channel, ids));
    const byId = new Map(rows.map((row) => [String(row.get('id')), row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** Undefined for a row that has only the mark of its removal. */
  private toOffsets(row: types.Row): Offsets | undefined {
    const { copies, withdrawn } = copiesIn(this.type, row);
    if (copies.size + withdrawn.size === 0) return undefined;
    const own = copies.get(this.origin);
    const others = [...copies.keys()].filter((origin) => origin !== this.origin);
    return {
      own: own && { offset: own.offset, body: own.body },
      isWithdrawn: withdrawn.has(this.origin),
      elsewhere: others.filter((origin) => !withdrawn.has(origin)),
    };
  }
}

function keysOf(channel: string, ids: readonly string[]): readonly Values[] {
  return idsByShard(ids).map((group) => [channel, group.shard, group.ids]);
}
