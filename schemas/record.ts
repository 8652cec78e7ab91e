import { z } from 'zod';
import type { Entry, EventType } from './event-type';
import { id, uuidv7Time } from './ids';

const time = z.int().nonnegative();

/**
 * The value of a record in the log; its key is the channel. `producer` and `seq` identify the
 * append. All appends of this producer up to the sequence number `stored` are in the store.
 */
const entriesRecord = z.object({
  producer: id,
  seq: z.int(),
  stored: z.int(),
  entries: z.array(z.object({ id, memberId: id, at: time, body: z.unknown() })).min(1),
});

/** A record with entries of one or several requests, in order; an id is in it once. */
export interface EntriesRecord {
  readonly producer: string;
  readonly seq: number;
  readonly stored: number;
  readonly entries: readonly Entry[];
}

/**
 * Cancels an entry of this log, because a datacenter with an earlier name has counted the same id.
 * `undoKey` is what the policy needs to unfold it.
 */
const cancelRecord = z.object({ cancels: id, undoKey: z.string().max(64), at: time });

export type CancelRecord = Readonly<z.infer<typeof cancelRecord>>;

const logRecord = z.union([entriesRecord, cancelRecord]);

/** Parses a record's value; throws if it is not valid, or if a body has not the type's shape. */
export function parseRecord(type: EventType, value: string): EntriesRecord | CancelRecord {
  const record = logRecord.parse(JSON.parse(value));
  if ('cancels' in record) return record;
  const entries = record.entries.map((entry) => ({ ...entry, body: type.body.parse(entry.body) }));
  return { ...record, entries };
}

/** The value of a record whose entries are encoded already, separated by commas. */
export function encodeEntries(head: Omit<EntriesRecord, 'entries'>, entries: string): string {
  const { producer, seq, stored } = head;
  return `{"producer":"${producer}","seq":${seq},"stored":${stored},"entries":[${entries}]}`;
}

/** The value of a record. */
export function encodeRecord(record: EntriesRecord | CancelRecord): string {
  return JSON.stringify(record);
}

/**
 * The time in an entry's id, ms since the epoch; undefined unless it is a UUIDv7 that a client or a
 * producer made. A member's id says nothing about the time of an entry.
 */
export function timeIn(type: Pick<EventType, 'idFrom'>, entryId: string): number | undefined {
  return type.idFrom === 'member' ? undefined : uuidv7Time(entryId);
}
