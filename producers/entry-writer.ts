import type { EventLog } from '../adapters/event-log';
import type { FoundEntry, RowStore, StoredEntry } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import { LikestreamError } from '../schemas/errors';
import type { Entry, LoggedType } from '../schemas/event-type';
import type { Measures } from '../schemas/measures';
import { encodeEntries } from '../schemas/record';
import type { AppendSequence, SequenceRange } from './append-sequence';
import { type EncodedBody, joined, pieceOf, type RecordPiece } from './record-pieces';
import type { StoreAvailability } from './store-availability';
import { type QueuedWrite, WriteQueue } from './write-queue';

export interface EntryWriterOptions {
  readonly type: LoggedType;
  /** The origin of the log, `dc1.1`. */
  readonly origin: string;
  readonly log: EventLog;
  readonly store: RowStore;
  readonly availability: StoreAvailability;
  readonly sequence: AppendSequence;
  readonly clock: Clock;
  readonly measures: Measures;
}

/** The entries of one request, and how it is answered. */
interface Write extends QueuedWrite {
  /** The pieces of its entries that must not be split: one, unless that is too large. */
  readonly pieces: readonly RecordPiece[];
  resolve(entries: readonly FoundEntry[]): void;
  reject(error: unknown): void;
}

/** Writes of one channel that are appended together. */
interface Batch {
  readonly channel: string;
  readonly writes: readonly Write[];
  readonly range: SequenceRange;
}

/** Writes entries of one type: first into the log, then into the store. */
export class EntryWriter {
  private readonly queue: WriteQueue<Write>;

  constructor(private readonly options: EntryWriterOptions) {
    this.queue = new WriteQueue(options.clock, (channel, writes) => this.append(channel, writes));
  }

  /**
   * Writes entries with different ids, none of which is in flight in this channel. Resolves with
   * their places, in this order; `bodies` has the JSON of their bodies, if it is known. Rejects
   * with `log_refused`, `log_unavailable` or `store_unavailable`: then either none of them is in
   * the log, or the owner stores all of them.
   */
  write(
    channel: string,
    entries: readonly Entry[],
    bodies: readonly { readonly encoded?: EncodedBody | undefined }[] = [],
  ): Promise<readonly FoundEntry[]> {
    const each = entries.map((entry, index) => pieceOf(entry, bodies[index]?.encoded));
    const pieces = this.joined(each);
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    const [count, queuedAtMs] = [entries.length, this.options.clock.monotonic()];
    return new Promise((resolve, reject) => {
      this.queue.add(channel, { pieces, count, bytes, queuedAtMs, resolve, reject });
    });
  }

  private joined(pieces: readonly RecordPiece[]): readonly RecordPiece[] {
    return this.options.type.sharesRecords ? joined(pieces) : pieces;
  }

  /** Resolves at the end of the append: the next one does not wait for the store. */
  private async append(channel: string, writes: readonly Write[]): Promise<void> {
    const { log, sequence, type } = this.options;
    const records = this.joined(writes.flatMap(({ pieces }) => pieces));
    const batch = { channel, writes, range: sequence.reserve(records.length) };
    try {
      const offsets = await log.append(type.name, recordsOf(batch, records));
      void this.store(batch, rowsOf(records, offsets));
    } catch (error) {
      this.fail(batch, error);
    }
  }

  private async store(batch: Batch, rows: readonly StoredEntry[]): Promise<void> {
    const { availability, clock, origin, sequence, store } = this.options;
    const loggedAtMs = clock.monotonic();
    try {
      await store.insert(batch.channel, rows);
    } catch (error) {
      availability.noteFailure();
      this.fail(batch, error);
      return;
    }
    sequence.confirm(batch.range);
    this.measure(batch, loggedAtMs);
    const written = foundEntries(origin, rows);
    const [first] = batch.writes;
    if (first?.count === written.length) {
      first.resolve(written);
      return;
    }
    let from = 0;
    for (const { count, resolve } of batch.writes) {
      resolve(written.slice(from, from + count));
      from += count;
    }
  }

  private measure({ writes }: Batch, loggedAtMs: number): void {
    const { clock, measures, type } = this.options;
    const storedMs = clock.monotonic() - loggedAtMs;
    for (const { queuedAtMs } of writes) {
      measures.stage(type.name, 'logged', loggedAtMs - queuedAtMs);
      measures.stage(type.name, 'stored', storedMs);
    }
  }

  // A refused append is not in the log. After any other failure the owner stores the records that
  // are in the log, because this producer's name falls silent.
  private fail({ range, writes }: Batch, error: unknown): void {
    const { sequence } = this.options;
    const isRefused = error instanceof LikestreamError && error.code === 'log_refused';
    if (isRefused) sequence.confirm(range);
    else sequence.startNewName();
    for (const { reject } of writes) reject(error);
  }
}

function recordsOf({ channel, range }: Batch, records: readonly RecordPiece[]) {
  const { first, producer, stored } = range;
  return records.map(({ entries, text }, index) => {
    const parsed = { producer, seq: first + index, stored, entries };
    return { key: channel, value: encodeEntries(parsed, text), parsed };
  });
}

/** The rows of all entries; those of one record have the record's offset. */
function rowsOf(records: readonly RecordPiece[], offsets: readonly number[]): StoredEntry[] {
  const rows: StoredEntry[] = [];
  for (const [index, { entries }] of records.entries()) {
    const offset = offsets[index];
    if (offset === undefined) throw new LikestreamError('internal', 'the log gave no offset');
    // Named fields, because a spread costs several times as much.
    for (const { at, body, id, memberId } of entries) rows.push({ id, memberId, at, body, offset });
  }
  return rows;
}

function foundEntries(origin: string, rows: readonly StoredEntry[]): FoundEntry[] {
  let [place, placeOffset] = ['', -1];
  return rows.map(({ at, body, id, memberId, offset }) => {
    if (offset !== placeOffset) [place, placeOffset] = [`${origin}@${offset}`, offset];
    return { id, memberId, at, body, place };
  });
}
