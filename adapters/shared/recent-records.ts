import { fingerprint } from '../../schemas/hash';
import type { LogRecord } from '../log-source';

/** Identifies the record at an offset: a log that has lost its end has another record there. */
export interface RecordMark {
  readonly offset: number;
  readonly hash: string;
}

/** All of the newest records are kept, and of older ones every `COARSE_STEP`th. */
const FINE_RECORDS = 256;
const COARSE_STEP = 256;
const COARSE_RECORDS = 64;

/** The mark of a record: its offset, and a hash of its key, time and value. */
export function markOf({ appendedAt, key, offset, value }: LogRecord): RecordMark {
  return { offset, hash: fingerprint(key, `${appendedAt}\n${value}`).toString(36) };
}

/**
 * The newest records of a partition, so that a commit can name the record before its position.
 * Bounded: it keeps the newest 256 records, and every 256th of the newest 16,384.
 */
export class RecentRecords {
  private readonly fine: (LogRecord | undefined)[] = new Array(FINE_RECORDS);
  private readonly coarse: (LogRecord | undefined)[] = new Array(COARSE_RECORDS);

  /** Keeps a record that was read. */
  add(record: LogRecord): void {
    this.fine[record.offset % FINE_RECORDS] = record;
    if (record.offset % COARSE_STEP > 0) return;
    this.coarse[(record.offset / COARSE_STEP) % COARSE_RECORDS] = record;
  }

  /** The mark of the last record below `end` that is kept. */
  markBelow(end: number): RecordMark | undefined {
    const record = lastBelow(end, this.fine) ?? lastBelow(end, this.coarse);
    return record && markOf(record);
  }
}

function lastBelow(end: number, records: readonly (LogRecord | undefined)[]) {
  let last: LogRecord | undefined;
  for (const record of records) {
    if (record && record.offset < end && record.offset >= (last?.offset ?? 0)) last = record;
  }
  return last;
}
