import type { types } from 'cassandra-driver';
import type { History, HistoryRange, HistoryRow } from '../history';
import type { CassandraSession, Values } from './session';

/** The numbers of one bucket: a partition of about 100 KiB. */
export const BUCKET_NUMBERS = 1_000;

/** Rows in one request; all are in one partition. */
const BATCH_ROWS = 100;

const WRITE_BUCKET = `INSERT INTO history_buckets
  (type, channel, origin, first_offset, bucket) VALUES (?, ?, ?, ?, ?)`;
const WRITE_ROW = `INSERT INTO history
  (type, channel, origin, bucket, offset, number, id, is_deletion) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

const LAST_BUCKET = `SELECT bucket FROM history_buckets
  WHERE type = ? AND channel = ? AND origin = ? AND first_offset < ?
  ORDER BY first_offset DESC LIMIT 1`;
const ROWS = `SELECT offset, number, id, is_deletion FROM history
  WHERE type = ? AND channel = ? AND origin = ? AND bucket = ? AND offset > ? AND offset < ?`;
const OLDEST = `${ROWS} ORDER BY offset ASC LIMIT ?`;
const NEWEST = `${ROWS} ORDER BY offset DESC LIMIT ?`;

/** A range whose bounds are all given. */
type Bounded = HistoryRange & { readonly after: number; readonly before: number };

/**
 * The histories of one event type in Cassandra.
 *
 *     history:         (type, channel, origin, BUCKET) | offset -> number, id, is_deletion
 *     history_buckets: (type, channel, origin) | first offset -> BUCKET
 *
 * Numbers have no gaps: bucket 0 has the numbers 1 to 1,000, bucket 1 the next ones. So a page, of
 * whatever age, is one read of the index and one or two of buckets.
 */
export class CassandraHistory implements History {
  constructor(
    private readonly session: CassandraSession,
    private readonly type: string,
  ) {}

  async write(channel: string, origin: string, rows: readonly HistoryRow[]): Promise<void> {
    const key = [this.type, channel, origin];
    const firsts = rows.filter(({ number }) => number % BUCKET_NUMBERS === 1);
    // Before the rows, so that no reader finds rows without their bucket.
    await this.session.executeAll(
      WRITE_BUCKET,
      firsts.map(({ number, offset }) => [...key, offset, bucketOf(number)]),
    );
    await this.session.executeBatches(WRITE_ROW, batchesOf(key, rows));
  }

  async oldest(range: HistoryRange): Promise<readonly HistoryRow[]> {
    const bounded = withBounds(range);
    // The bucket with the last row at or below `after` also has the next one, or is followed by it.
    const first = (await this.lastBucket(bounded, bounded.after + 1)) ?? 0;
    const found: HistoryRow[] = [];
    for (let bucket = first; found.length < range.limit; bucket++) {
      const rows = await this.rowsOf(OLDEST, bounded, bucket, range.limit - found.length);
      found.push(...rows);
      const last = found.at(-1);
      // A bucket that is not full is the last one.
      if (last ? last.number < endOf(bucket) : bucket > first) break;
    }
    return found;
  }

  async newest(range: HistoryRange): Promise<readonly HistoryRow[]> {
    const bounded = withBounds(range);
    const last = await this.lastBucket(bounded, bounded.before);
    const found: HistoryRow[] = [];
    for (let bucket = last ?? -1; bucket >= 0 && found.length < range.limit; bucket--) {
      const rows = await this.rowsOf(NEWEST, bounded, bucket, range.limit - found.length);
      found.push(...rows);
      // The rows of the last bucket may not be written yet; those of the others are.
      if (rows.length === 0 && bucket !== last) break;
    }
    return found;
  }

  /** The last bucket that begins below an offset. */
  private async lastBucket(
    { channel, origin }: HistoryRange,
    offset: number,
  ): Promise<number | undefined> {
    const values = [this.type, channel, origin, offset];
    const [row] = await this.session.execute(LAST_BUCKET, values);
    return row && Number(row.get('bucket'));
  }

  private async rowsOf(
    query: string,
    { after, before, channel, origin }: Bounded,
    bucket: number,
    limit: number,
  ): Promise<HistoryRow[]> {
    const values = [this.type, channel, origin, bucket, after, before, limit];
    return (await this.session.execute(query, values)).map(rowIn);
  }
}

function withBounds(range: HistoryRange): Bounded {
  return {
    ...range,
    after: range.after ?? -1,
    before: range.before ?? Number.MAX_SAFE_INTEGER,
  };
}

/** The bucket of a number; numbers begin with 1. */
function bucketOf(number: number): number {
  return Math.floor((number - 1) / BUCKET_NUMBERS);
}

/** The greatest number of a bucket. */
function endOf(bucket: number): number {
  return (bucket + 1) * BUCKET_NUMBERS;
}

function batchesOf(key: Values, rows: readonly HistoryRow[]): Values[][] {
  const batches: Values[][] = [];
  let bucket: number | undefined;
  let batch: Values[] = [];
  for (const { id, isDeletion, number, offset } of rows) {
    if (bucket !== bucketOf(number) || batch.length === BATCH_ROWS) {
      bucket = bucketOf(number);
      batch = [];
      batches.push(batch);
    }
    batch.push([...key, bucket, offset, number, id, isDeletion]);
  }
  return batches;
}

function rowIn(row: types.Row): HistoryRow {
  return {
    offset: Number(row.get('offset')),
    number: Number(row.get('number')),
    id: String(row.get('id')),
    isDeletion: row.get('is_deletion') === true,
  };
}
