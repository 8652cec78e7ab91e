import { z } from 'zod';
import type { Entry, LoggedType } from './event-type';
import { id, isId, uuidv7Time } from './ids';
import { parseBody } from './known-bodies';

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

/**
 * Deletes an entry of any datacenter's log, because a member has asked for it. The owner of another
 * log that has the entry appends a record of its own, whose `memberId` is the first log's origin.
 */
const deleteRecord = z.object({ deletes: id, memberId: id, at: time });

export type DeleteRecord = Readonly<z.infer<typeof deleteRecord>>;

/** What a record of the log has. */
export type AnyRecord = EntriesRecord | CancelRecord | DeleteRecord;

/** The shape of a record; `parseRecord` also verifies the bodies. */
export const recordShape = z.union([entriesRecord, cancelRecord, deleteRecord]);

/** Parses a record's value; throws if it is not valid, or if a body has not the type's shape. */
export function parseRecord(type: LoggedType, value: string): AnyRecord {
  const json: unknown = JSON.parse(value);
  if (isEntriesRecord(json)) return withBodies(type, json);
  const record = recordShape.parse(json);
  return 'entries' in record ? withBodies(type, record) : record;
}

function withBodies(type: LoggedType, record: EntriesRecord): EntriesRecord {
  const { producer, seq, stored } = record;
  const entries = record.entries.map(({ at, body, id: entryId, memberId }) => {
    return { id: entryId, memberId, at, body: parseBody(type, body) };
  });
  return { producer, seq, stored, entries };
}

/**
 * Whether a value has the shape `entriesRecord`. Each owner parses each record of its
 * log, and these comparisons cost a tenth of the schema's.
 */
function isEntriesRecord(json: unknown): json is EntriesRecord {
  const record = json as Partial<EntriesRecord> | null;
  if (!isId(record?.producer) || !isInteger(record.seq) || !isInteger(record.stored)) return false;
  if (!Array.isArray(record.entries) || record.entries.length === 0) return false;
  let verified: string | undefined;
  for (const entry of record.entries as readonly (Partial<Entry> | null)[]) {
    if (!isId(entry?.id)) return false;
    // Most entries of a record are of one member.
    const isSame = verified !== undefined && entry.memberId === verified;
    if (!isSame && !isId(entry.memberId)) return false;
    verified = entry.memberId;
    if (!isInteger(entry.at) || entry.at < 0) return false;
  }
  return true;
}

const isInteger = Number.isSafeInteger as (value: unknown) => value is number;

/** An entry of a record; `body` is the JSON of its body. */
export function encodeEntry({ at, id: entryId, memberId }: Entry, body: string): string {
  return `{"id":"${entryId}","memberId":"${memberId}","at":${at},"body":${body}}`;
}

/** The value of a record whose entries are encoded already, separated by commas. */
export function encodeEntries(head: Omit<EntriesRecord, 'entries'>, entries: string): string {
  const { producer, seq, stored } = head;
  // Joined, because V8 keeps a text that is added up as a tree of its parts, twice as large.
  return [
    '{"producer":"',
    producer,
    '","seq":',
    seq,
    ',"stored":',
    stored,
    ',"entries":[',
    entries,
    ']}',
  ].join('');
}

/** The value of a record. */
export function encodeRecord(record: AnyRecord): string {
  return JSON.stringify(record);
}

/**
 * The time in an entry's id, ms since the epoch; undefined unless it is a UUIDv7 that a client or a
 * producer made. A member's id says nothing about the time of an entry.
 */
export function timeIn(type: Pick<LoggedType, 'idFrom'>, entryId: string): number | undefined {
  return type.idFrom === 'member' ? undefined : uuidv7Time(entryId);
}
