import type { Entry } from '../schemas/event-type';
import { encodeEntry } from '../schemas/record';

/** The most entries of one record. */
export const MAX_RECORD_ENTRIES = 100;

/** The most bytes of one record's value, unless one entry alone has more. */
export const MAX_RECORD_BYTES = 64 * 1024;

/** Upper bound of the bytes of a record around its entries. */
const RECORD_HEAD_BYTES = 256;

const COMMA_BYTES = 1;

/** The JSON of a body. */
export interface EncodedBody {
  readonly text: string;
  readonly bytes: number;
}

/** Entries that go into one record together. */
export interface RecordPiece {
  readonly entries: readonly Entry[];
  /** Their JSON, separated by commas: encoded once, however they are joined. */
  readonly text: string;
  /** The bytes of the text. */
  readonly bytes: number;
}

/** The JSON of a body, with its size. */
export function encodeBody(body: unknown): EncodedBody {
  const text = JSON.stringify(body);
  return { text, bytes: Buffer.byteLength(text) };
}

/** An entry alone; `body` is its body's JSON. */
export function pieceOf(entry: Entry, body: EncodedBody = encodeBody(entry.body)): RecordPiece {
  const text = encodeEntry(entry, body.text);
  // All but the body is ASCII.
  const bytes = text.length - body.text.length + body.bytes + COMMA_BYTES;
  return { entries: [entry], text, bytes };
}

/** Joins pieces in their order into as few as fit into records; none of them is split. */
export function joined(pieces: readonly RecordPiece[]): readonly RecordPiece[] {
  if (pieces.length === 1) return pieces;
  const all: { entries: Entry[]; text: string; bytes: number }[] = [];
  let last: (typeof all)[number] | undefined;
  for (const { bytes, entries, text } of pieces) {
    if (last && fits(last.entries.length + entries.length, last.bytes + bytes)) {
      last.entries.push(...entries);
      last.text += `,${text}`;
      last.bytes += bytes;
    } else {
      last = { entries: [...entries], text, bytes };
      all.push(last);
    }
  }
  return all;
}

function fits(entries: number, bytes: number): boolean {
  return entries <= MAX_RECORD_ENTRIES && bytes + RECORD_HEAD_BYTES <= MAX_RECORD_BYTES;
}
