import { LikestreamError } from '../../../schemas/errors';
import type { PartitionEntry } from '../../partition-log';

/** Upper bounds of the queue and of one request to the log. */
export interface AppendLimits {
  readonly maxQueuedEntries: number;
  readonly maxQueuedBytes: number;
  /** An append that waits longer than this before it is sent is rejected. */
  readonly maxUnsentMs: number;
  readonly maxRequestEntries: number;
  /** Bytes of all records of one request, and therefore of each partition's batch in it. */
  readonly maxRequestBytes: number;
}

/** Upper bound of Kafka's bytes around a key and value: lengths, offset, timestamp, attributes. */
const RECORD_OVERHEAD_BYTES = 32;

/** One call of `append`, sent in one request, or in several if it is too large for one. */
export interface Append {
  readonly topic: string;
  readonly queuedAtMs: number;
  /** The offsets of the parts that were appended, in the order of the entries. */
  readonly offsets: number[];
  /** The number of parts that are not appended yet. */
  partsLeft: number;
  /** Whether a part of it was passed to the producer. */
  isSent: boolean;
  resolve(offsets: readonly number[]): void;
  reject(error: unknown): void;
}

/** Entries of one append that travel in one request. */
export interface AppendPiece {
  readonly entries: readonly PartitionEntry[];
  readonly bytes: number;
}

/** A piece with the append that it belongs to. */
export interface AppendPart extends AppendPiece {
  readonly append: Append;
}

/** The error of an append of which no part was sent or will ever be sent. */
export function notTaken(reason: string): LikestreamError {
  return new LikestreamError('log_refused', `not taken at all: ${reason}`);
}

/** A queue of appends that wait to be sent, bounded in entries, bytes and time. */
export class AppendQueue {
  private parts: AppendPart[] = [];
  private entries = 0;
  private bytes = 0;

  constructor(private readonly limits: AppendLimits) {}

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  /** Queues an append in the pieces that `splitEntries` made. Throws if the queue is full. */
  add(append: Append, pieces: readonly AppendPiece[]): void {
    const entries = pieces.reduce((sum, piece) => sum + piece.entries.length, 0);
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    // An empty queue accepts an append of any size; otherwise a large one would always be refused.
    if (!this.isEmpty) this.refuseIfFull(entries, bytes);
    for (const piece of pieces) this.parts.push({ append, ...piece });
    this.entries += entries;
    this.bytes += bytes;
  }

  /** Removes and returns the parts of the next request; none if the queue is empty. */
  take(nowMs: number): AppendPart[] {
    this.expire(nowMs);
    let [count, entries, bytes] = [0, 0, 0];
    for (const part of this.parts) {
      entries += part.entries.length;
      bytes += part.bytes;
      const fits = entries <= this.limits.maxRequestEntries && bytes <= this.limits.maxRequestBytes;
      if (count > 0 && !fits) break;
      count += 1;
    }
    const taken = this.parts.splice(0, count);
    for (const part of taken) {
      part.append.isSent = true;
      this.entries -= part.entries.length;
      this.bytes -= part.bytes;
    }
    return taken;
  }

  /** Rejects the appends that have waited too long if no part of them was sent. */
  expire(nowMs: number): void {
    const { maxUnsentMs } = this.limits;
    const isLate = ({ isSent, queuedAtMs }: Append) => !isSent && nowMs - queuedAtMs >= maxUnsentMs;
    const head = this.parts.find(({ append }) => !append.isSent);
    // The queue is in order of time: if its first unsent append is not late, no append is.
    if (head && isLate(head.append)) {
      this.drop(isLate, notTaken(`waited ${maxUnsentMs} ms unsent`));
    }
  }

  /** Removes the appends that `isGone` selects, and rejects those of which no part was sent. */
  drop(isGone: (append: Append) => boolean, error: LikestreamError): void {
    const kept: AppendPart[] = [];
    for (const part of this.parts) {
      if (!isGone(part.append)) {
        kept.push(part);
        continue;
      }
      this.entries -= part.entries.length;
      this.bytes -= part.bytes;
      if (!part.append.isSent) part.append.reject(error);
    }
    this.parts = kept;
  }

  private refuseIfFull(entries: number, bytes: number): void {
    const { maxQueuedBytes, maxQueuedEntries } = this.limits;
    const hasRoom =
      this.entries + entries <= maxQueuedEntries && this.bytes + bytes <= maxQueuedBytes;
    if (hasRoom) return;
    throw notTaken(`${this.entries} entries of ${this.bytes} bytes wait already`);
  }
}

/**
 * Splits the entries of one append into pieces of one request each. Throws an error that is not
 * retriable if one entry alone is too large for a request.
 */
export function splitEntries(
  topic: string,
  entries: readonly PartitionEntry[],
  { maxRequestBytes, maxRequestEntries }: AppendLimits,
): AppendPiece[] {
  const pieces: { entries: PartitionEntry[]; bytes: number }[] = [];
  let last = { entries: [] as PartitionEntry[], bytes: 0 };
  for (const entry of entries) {
    const bytes = bytesOf(entry);
    if (bytes > maxRequestBytes) throw tooLarge(topic, entry, bytes, maxRequestBytes);
    const isFull = last.entries.length >= maxRequestEntries || last.bytes + bytes > maxRequestBytes;
    if (isFull || pieces.length === 0) {
      last = { entries: [], bytes: 0 };
      pieces.push(last);
    }
    last.entries.push(entry);
    last.bytes += bytes;
  }
  return pieces;
}

function bytesOf({ key, value }: PartitionEntry): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value) + RECORD_OVERHEAD_BYTES;
}

function tooLarge(topic: string, { key, partition }: PartitionEntry, bytes: number, limit: number) {
  const where = `${topic}, partition ${partition}, key ${key}`;
  return new LikestreamError(
    'internal',
    `an entry of ${bytes} bytes can never be appended (${where}): the limit is ${limit} bytes`,
  );
}
