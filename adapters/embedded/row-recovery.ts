import type { LoggedType } from '../../schemas/event-type';
import type { Position } from '../../schemas/position';
import { parseRecord } from '../../schemas/record';
import type { StoredEntry } from '../row-store';
import type { Database } from './database';
import { positionKey } from './positions';
import type { ReadableLog } from './readable-log';
import type { WriteBehindRows } from './write-behind-rows';

const RECORDS_PER_READ = 500;

export interface RowRecoveryOptions {
  readonly type: LoggedType;
  readonly topic: string;
  readonly partitions: number;
  readonly log: ReadableLog;
  readonly database: Pick<Database, 'get'>;
}

/**
 * Reads the rows of all records from each partition's committed position on into memory, because a
 * crash may have lost them. Records that are not valid have no rows.
 */
export function readUnflushedRows(options: RowRecoveryOptions, rows: WriteBehindRows): void {
  const { database, log, partitions, topic, type } = options;
  for (let partition = 0; partition < partitions; partition++) {
    const saved = database.get(positionKey(topic, partition)) as Position | undefined;
    let next = saved?.done ?? 0;
    for (;;) {
      const records = log.read(topic, partition, next, RECORDS_PER_READ);
      for (const { key, offset, value } of records) {
        rows.recover(key, entriesIn(type, value, offset));
      }
      const last = records.at(-1);
      if (!last) break;
      next = last.offset + 1;
    }
  }
}

function entriesIn(type: LoggedType, value: string, offset: number): StoredEntry[] {
  try {
    const record = parseRecord(type, value);
    return 'entries' in record ? record.entries.map((entry) => ({ ...entry, offset })) : [];
  } catch {
    return [];
  }
}
