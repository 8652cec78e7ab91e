import type { types } from 'cassandra-driver';
import type { RowScan, ScannedRow } from '../row-scan';
import { copiesIn, LIKE_SHARDS } from './row-store';
import { readAll, type ScanOptions, scanTable } from './scan';

const COLUMNS = 'SELECT channel, like_id, copies, withdrawn FROM likes';
const OF_ALL = `${COLUMNS} WHERE token(channel, shard) > ? AND token(channel, shard) <= ?`;
const OF_SHARD = `${COLUMNS} WHERE channel = ? AND shard = ?`;

/** The rows of likes in Cassandra, read in pages. */
export class CassandraRowScan implements RowScan {
  constructor(private readonly options: Pick<ScanOptions, 'client' | 'clock'>) {}

  async scan(
    visit: (rows: readonly ScannedRow[]) => void,
    { channel, progress }: Parameters<RowScan['scan']>[1] = {},
  ): Promise<void> {
    const options: ScanOptions = {
      ...this.options,
      visit: (rows) => visit(rows.map(toRow)),
      progress: (done, all) => progress?.(done / all),
    };
    if (channel === undefined) return scanTable(OF_ALL, options);
    const shards = Array.from({ length: LIKE_SHARDS }, (_, shard) => {
      return { query: OF_SHARD, values: [channel, shard] };
    });
    return readAll(shards, options);
  }
}

function toRow(row: types.Row): ScannedRow {
  const { copies, withdrawn } = copiesIn(row);
  const [channel, likeId] = [String(row.get('channel')), String(row.get('like_id'))];
  return { channel, likeId, bodies: copies, withdrawn };
}
