import type { LogRecord } from '../../adapters/log-source';
import type { Entry, LoggedType } from '../../schemas/event-type';
import { type CancelRecord, type DeleteRecord, parseRecord, timeIn } from '../../schemas/record';
import type { EntryKey, KeyOptions } from './entry-key';
import type { Fingerprint } from './fingerprints';

/** An entry in the log. It has both times of `RecordTimes`. */
export interface EntryEvent extends EntryKey {
  readonly entry: Entry;
  /** When a producer accepted it, ms since the epoch. */
  readonly at: number;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  /** The record that has it. */
  readonly record: RecordEvent;
}

/** A record with entries, in the log. */
export interface RecordEvent {
  readonly channel: string;
  readonly offset: number;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  /** `producer` and `seq` identify the append. */
  readonly producer: string;
  readonly seq: number;
  /** All appends of this producer up to this sequence number are in the store. */
  readonly stored: number;
  /** In order; an id is in it once. */
  readonly entries: readonly EntryEvent[];
}

/** A cancel in the log. */
export interface CancelEvent {
  readonly channel: string;
  /** The id of the cancelled entry. */
  readonly entryId: string;
  /** The fingerprint of the cancel (`Fingerprints.ofCancel`). */
  readonly fingerprint: Fingerprint;
  readonly offset: number;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  readonly cancel: CancelRecord;
}

/** A deletion in the log. */
export interface DeleteEvent {
  readonly channel: string;
  /** The id of the deleted entry. */
  readonly entryId: string;
  readonly offset: number;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  readonly deletion: DeleteRecord;
}

/** A record of the log that an owner folds. */
export type LogEvent = RecordEvent | CancelEvent | DeleteEvent;

const NO_ENTRIES: readonly EntryEvent[] = [];

export interface ParseOptions extends KeyOptions {
  readonly type: LoggedType;
}

/** Parses records; calls `unreadable` for each one that is not valid, and skips it. */
export function parseLogEvents(
  records: readonly LogRecord[],
  options: ParseOptions & { readonly unreadable: (record: LogRecord) => void },
): LogEvent[] {
  const events: LogEvent[] = [];
  for (const record of records) {
    try {
      events.push(parseLogEvent(record, options));
    } catch {
      options.unreadable(record);
    }
  }
  return events;
}

/** Parses a record, unless its log knows what it has. Throws if the record is not valid. */
export function parseLogEvent(
  logRecord: LogRecord,
  { fingerprints, type }: ParseOptions,
): LogEvent {
  const { appendedAt, key: channel, offset } = logRecord;
  const parsed = logRecord.parsed ?? parseRecord(type, logRecord.value);
  if ('cancels' in parsed) {
    const entryId = parsed.cancels;
    const fingerprint = fingerprints.ofCancel(channel, entryId);
    return { channel, entryId, fingerprint, offset, appendedAt, cancel: parsed };
  }
  if ('deletes' in parsed) {
    return { channel, entryId: parsed.deletes, offset, appendedAt, deletion: parsed };
  }
  const { producer, seq, stored } = parsed;
  const record = { channel, offset, appendedAt, producer, seq, stored, entries: NO_ENTRIES };
  record.entries = firstCopies(parsed.entries).map((entry) => {
    const { at, id: entryId } = entry;
    const fingerprint = fingerprints.ofEntry(channel, entryId);
    const made = timeIn(type, entryId);
    return { channel, entryId, fingerprint, made, entry, at, appendedAt, record };
  });
  return record;
}

/** No producer writes an id twice into a record. If one does, the first entry counts. */
function firstCopies(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length === 1) return entries;
  const ids = new Set<string>();
  return entries.filter(({ id }) => {
    const isFirst = !ids.has(id);
    ids.add(id);
    return isFirst;
  });
}

/** Whether an event is a record with entries. */
export function isRecord(event: LogEvent): event is RecordEvent {
  return 'entries' in event;
}

/** Whether an event is a deletion. */
export function isDeletion(event: LogEvent): event is DeleteEvent {
  return 'deletion' in event;
}

/** When the oldest entry, the cancel or the deletion was made; ms since the epoch. */
function timeOf(event: LogEvent): number {
  if (!isRecord(event)) return isDeletion(event) ? event.deletion.at : event.cancel.at;
  let oldest = Number.POSITIVE_INFINITY;
  for (const { at } of event.entries) oldest = Math.min(oldest, at);
  return oldest;
}

/** By channel, the time of the oldest entry or cancel, in the order of the channels' first ones. */
export function oldestByChannel(events: readonly LogEvent[]): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const event of events) {
    const time = timeOf(event);
    const before = oldest.get(event.channel);
    if (before === undefined || time < before) oldest.set(event.channel, time);
  }
  return oldest;
}
