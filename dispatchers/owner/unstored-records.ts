import type { Now } from '../../schemas/retention';
import { FingerprintMap } from './fingerprint-map';
import type { Fingerprint } from './fingerprints';
import type { EntryEvent, RecordEvent } from './log-event';
import { UnstoredQueue } from './unstored-queue';

/** A producer without a record for this time is dead, and the owner stores its records. */
export const SILENT_MS = 3_000;

/** An entry is late if it is stored later than this share of the window after its append. */
const LATE_SHARE = 1 / 4;

/** A record whose producer has not confirmed it. */
export interface UnstoredRecord extends Pick<RecordEvent, 'channel' | 'offset' | 'producer'> {
  readonly seq: number;
  /** The entries that our log counts; copies are not among them. */
  readonly entries: readonly EntryEvent[];
}

interface Producer {
  /** The owner's monotonic clock at the last record of this producer, ms. */
  lastRecordAt: number;
  readonly unstored: UnstoredQueue<UnstoredRecord>;
}

/**
 * The records of each producer that it has not confirmed as stored. The ids of their entries are
 * kept at any age, because a look-up in the store may not find them.
 */
export class UnstoredRecords {
  private readonly producers = new Map<string, Producer>();
  /** Their entries, by fingerprint. */
  private readonly known = new FingerprintMap<EntryEvent>();
  /** Appends that the log has twice. */
  private readonly repeated = new Set<UnstoredRecord>();
  private readonly storedLate: EntryEvent[] = [];

  constructor(private readonly windowMs: number) {}

  /** Entries stored so late that a peer may have looked them up too early, oldest first. */
  get storedAfterLookup(): readonly EntryEvent[] {
    return this.storedLate;
  }

  /** Drops the first `count` of `storedAfterLookup`, or all. */
  dropStoredAfterLookup(count = this.storedLate.length): void {
    this.storedLate.splice(0, count);
  }

  /**
   * Adds a record with the entries that our log counts, and removes the records that its producer
   * confirms as stored.
   */
  add(record: RecordEvent, entries: readonly EntryEvent[], now: Now): void {
    const producer = this.producerOf(record.producer, now);
    for (const earlier of producer.unstored.upTo(record.stored)) {
      if (!this.repeated.has(earlier)) this.remove(producer, earlier, now);
    }
    const { seq } = record;
    if (seq <= record.stored) return;
    const before = producer.unstored.get(seq);
    const unstored = withEntries(record, entries);
    if (before) this.replace(producer, before, unstored);
    else producer.unstored.add(unstored);
    for (const entry of entries) this.known.set(entry.fingerprint, entry);
  }

  /**
   * Notes a duplicate. If the log has one append twice, its producer may have stored the later
   * offset; then the row of a copy between the two would replace it. So the owner stores the first
   * one itself.
   */
  addCopy({ fingerprint, record: { producer, seq } }: EntryEvent): void {
    const first = this.known.get(fingerprint)?.record;
    if (first?.producer !== producer || first.seq !== seq) return;
    const unstored = this.producers.get(producer)?.unstored.get(seq);
    if (unstored) this.repeated.add(unstored);
  }

  /** Whether the id is not known to be stored. */
  has(fingerprint: Fingerprint): boolean {
    return this.known.has(fingerprint);
  }

  /** The entry with this id, if it is not known to be stored; our log counts this copy. */
  entryOf(fingerprint: Fingerprint): EntryEvent | undefined {
    return this.known.get(fingerprint);
  }

  /** The records that the owner must store: repeated ones, and those of silent producers. */
  abandoned(monotonic: number): UnstoredRecord[] {
    const abandoned = [...this.repeated];
    for (const [name, producer] of this.producers) {
      if (monotonic - producer.lastRecordAt < SILENT_MS) continue;
      if (producer.unstored.size === 0) this.producers.delete(name);
      for (const record of producer.unstored.all())
        if (!this.repeated.has(record)) abandoned.push(record);
    }
    return abandoned;
  }

  /**
   * Removes records that the owner has stored for a producer. Do not call it between a look-up and
   * its count: the look-up may have been too early to find the row.
   */
  markStored(records: readonly UnstoredRecord[]): void {
    for (const record of records) {
      const producer = this.producers.get(record.producer);
      if (producer) this.remove(producer, record);
    }
  }

  /** The offset of the first record not known to be stored. */
  get firstOffset(): number | undefined {
    let first: number | undefined;
    for (const { unstored } of this.producers.values()) {
      const offset = unstored.first?.offset;
      if (offset !== undefined) first = Math.min(first ?? offset, offset);
    }
    return first;
  }

  /** The number of entries of all these records. */
  get size(): number {
    return this.known.size;
  }

  private producerOf(name: string, { monotonic }: Now): Producer {
    let producer = this.producers.get(name);
    if (!producer) {
      producer = { lastRecordAt: monotonic, unstored: new UnstoredQueue() };
      this.producers.set(name, producer);
    }
    producer.lastRecordAt = monotonic;
    return producer;
  }

  // The log has the append twice, and counts some of its entries in the later record only.
  private replace(producer: Producer, before: UnstoredRecord, later: UnstoredRecord): void {
    const both = { ...before, entries: [...before.entries, ...later.entries] };
    producer.unstored.replace(before, both);
    this.repeated.delete(before);
    this.repeated.add(both);
  }

  /** `confirmedAt` is undefined if the owner has stored the record, which is always late. */
  private remove(producer: Producer, record: UnstoredRecord, confirmedAt?: Now): void {
    if (!producer.unstored.remove(record)) return;
    this.repeated.delete(record);
    for (const entry of record.entries) {
      this.known.delete(entry.fingerprint);
      if (!confirmedAt || this.isLate(entry, confirmedAt)) this.storedLate.push(entry);
    }
  }

  // The time of the confirming record is an upper bound: it was appended after the row was written.
  private isLate({ appendedAt }: EntryEvent, { logTime = Number.POSITIVE_INFINITY }: Now): boolean {
    return logTime - appendedAt > this.windowMs * LATE_SHARE;
  }
}

/** The record itself if all of its entries are counted, as in most cases. */
function withEntries(record: RecordEvent, entries: readonly EntryEvent[]): UnstoredRecord {
  if (entries === record.entries) return record;
  const { channel, offset, producer, seq } = record;
  return { channel, offset, producer, seq, entries };
}
