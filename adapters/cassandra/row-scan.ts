import type { types } from 'cassandra-driver';
import type { LoggedType } from '../../schemas/event-type';
import type { RowScan, ScannedRow } from '../row-scan';
import { copiesIn, readColumns } from './row';
import { readAll, type ScanOptions, scanTable } from './scan';
import { SHARDS } from './shards';
import { tableOf } from './tables';

/** The rows of one event type in Cassandra, read in pages. */
export class CassandraRowScan implements RowScan {
  constructor(
    private readonly type: LoggedType,
    private readonly options: Pick<ScanOptions, 'client' | 'clock'>,
  ) {}

  async scan(
    visit: (rows: readonly ScannedRow[]) => void,
    { channel, progress }: Parameters<RowScan['scan']>[1] = {},
  ): Promise<void> {
    const columns = `SELECT channel, ${readColumns(this.type)} FROM ${tableOf(this.type)}`;
    const options: ScanOptions = {
      ...this.options,
      visit: (rows) => visit(rows.map((row) => this.toRow(row))),
      progress: (done, all) => progress?.(done / all),
    };
    if (channel === undefined) {
      const ofAll = 'WHERE token(channel, shard) > ? AND token(channel, shard) <= ?';
      return scanTable(`${columns} ${ofAll}`, options);
    }
    const query = `${columns} WHERE channel = ? AND shard = ?`;
    const shards = Array.from({ length: SHARDS }, (_, shard) => {
      return { query, values: [channel, shard] };
    });
    return readAll(shards, options);
  }

  private toRow(row: types.Row): ScannedRow {
    const { copies, withdrawn } = copiesIn(this.type, row);
    const bodies = new Map([...copies].map(([origin, { body }]) => [origin, body]));
    return { channel: String(row.get('channel')), id: String(row.get('id')), bodies, withdrawn };
  }
}
