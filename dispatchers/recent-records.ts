import { fingerprint } from '../schemas/hash';
import type { LogRecord } from './source';

/** Which record stood at an offset: a log that lost its tail has another one there. */
export interface RecordMark {
  readonly offset: number;
  readonly hash: string;
}

/** The newest records are kept one by one, older ones at each `COARSE_STEP`th offset. */
const FINE_RECORDS = 256;
const COARSE_STEP = 256;
const COARSE_RECORDS = 64;

/** The mark of a record: of all that the log says about it. */
export function markOf({ appendedAt, key, offset, value }: LogRecord): RecordMark {
  return { offset, hash: fingerprint(key, `${appendedAt}\n${value}`).toString(36) };
}

/**
 * The records of a partition that were read last, so that a commit can name the record before its
 * position. Bounded: it covers the newest 256 offsets one by one and 16,384 at each 256th.
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
