import type { LoggedType } from '../../schemas/event-type';
import type { StoredEntry } from '../row-store';
import { columnsOf } from '../shared/row-body';
import { shardOf } from './shards';

/**
 * The most bytes of the rows of one request, unless one row alone has more. Cassandra refuses a
 * batch of 50 KiB over several partitions by default; it never refuses one within a partition.
 */
export const MAX_REQUEST_BYTES = 32 * 1024;

/** The most ids of a request that reads rows. */
export const MAX_REQUEST_IDS = 100;

/** Upper bound of a row's bytes besides its texts. */
const ROW_OVERHEAD_BYTES = 64;

/** Some ids of one shard. */
export interface ShardIds {
  readonly shard: number;
  readonly ids: readonly string[];
}

/** Rows that have the same copy: one statement writes them all. */
export interface EqualRows {
  readonly entry: StoredEntry;
  /** The columns of its body. */
  readonly columns: readonly unknown[];
  readonly ids: readonly string[];
}

/** Rows of one shard that one request writes. */
export interface ShardRows {
  readonly shard: number;
  readonly rows: readonly EqualRows[];
}

interface GrowingEqualRows extends EqualRows {
  readonly ids: string[];
  readonly copyBytes: number;
}

interface GrowingRows {
  readonly shard: number;
  readonly byCopy: Map<string, GrowingEqualRows>;
  bytes: number;
  /** Those of the entry before: the entries of one request have mostly the same copy. */
  last: GrowingEqualRows | undefined;
}

/** Splits a channel's ids into as few groups as requests may have, in order within a shard. */
export function idsByShard(ids: readonly string[]): readonly ShardIds[] {
  const all: { readonly shard: number; readonly ids: string[] }[] = [];
  const last = new Map<number, (typeof all)[number]>();
  for (const id of ids) {
    const shard = shardOf(id);
    let group = last.get(shard);
    if (!group || group.ids.length === MAX_REQUEST_IDS) {
      group = { shard, ids: [] };
      last.set(shard, group);
      all.push(group);
    }
    group.ids.push(id);
  }
  return all;
}

/** Splits a channel's entries into as few requests as possible. */
export function rowsByShard(
  type: Pick<LoggedType, 'columns'>,
  entries: readonly StoredEntry[],
): readonly ShardRows[] {
  const all: GrowingRows[] = [];
  const newest = new Map<number, GrowingRows>();
  for (const entry of entries) {
    const shard = shardOf(entry.id);
    const before = newest.get(shard);
    if (before && addTo(before, type, entry)) continue;
    const request = { shard, byCopy: new Map(), bytes: 0, last: undefined };
    newest.set(shard, request);
    all.push(request);
    addTo(request, type, entry);
  }
  return all.map(({ byCopy, shard }) => ({ shard, rows: [...byCopy.values()] }));
}

/** Adds an entry to a request; false if it has no room. */
function addTo(request: GrowingRows, type: Pick<LoggedType, 'columns'>, entry: StoredEntry) {
  const equal = request.last && hasCopyOf(request.last.entry, entry) ? request.last : undefined;
  const columns = equal?.columns ?? columnsOf(type, entry.body);
  const copy = equal ? '' : JSON.stringify([entry.offset, entry.at, entry.memberId, ...columns]);
  const copyBytes = equal?.copyBytes ?? Buffer.byteLength(copy);
  const bytes = ROW_OVERHEAD_BYTES + entry.id.length + copyBytes;
  if (request.bytes > 0 && request.bytes + bytes > MAX_REQUEST_BYTES) return false;
  request.bytes += bytes;
  request.last = equal ?? request.byCopy.get(copy);
  if (!request.last) {
    request.last = { entry, columns, copyBytes, ids: [] };
    request.byCopy.set(copy, request.last);
  }
  request.last.ids.push(entry.id);
  return true;
}

function hasCopyOf(one: StoredEntry, other: StoredEntry): boolean {
  return (
    one.body === other.body &&
    one.offset === other.offset &&
    one.at === other.at &&
    one.memberId === other.memberId
  );
}
