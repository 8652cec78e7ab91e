import type { Now } from '../../schemas/retention';
import type { LikeEvent } from './log-event';

/** A producer without a record for this time is dead, and the owner stores its records. */
export const SILENT_MS = 3_000;

/** A like is late if it is stored later than this share of the window after its append. */
const LATE_SHARE = 1 / 4;

interface Producer {
  /** The owner's monotonic clock at the last record of this producer, ms. */
  lastRecordAt: number;
  /** By sequence, in the order of the log. */
  readonly unstored: Map<number, LikeEvent>;
}

/**
 * The records of each producer that it has not confirmed as stored. Their ids are kept at any age,
 * because a look-up in the store may not find them.
 */
export class UnstoredRecords {
  private readonly producers = new Map<string, Producer>();
  private readonly known = new Map<bigint, LikeEvent>();
  /** Ids of appends that the log has twice. */
  private readonly repeated = new Set<bigint>();
  private readonly storedLate: LikeEvent[] = [];

  constructor(private readonly windowMs: number) {}

  /** Likes stored so late that a peer may have looked them up too early, oldest first. */
  get storedAfterLookup(): readonly LikeEvent[] {
    return this.storedLate;
  }

  /** Drops the first `count` of `storedAfterLookup`, or all. */
  dropStoredAfterLookup(count = this.storedLate.length): void {
    this.storedLate.splice(0, count);
  }

  /** Adds a record, and removes those that its producer confirms as stored. */
  add(item: LikeEvent, now: Now): void {
    const { producer: id, seq, stored } = item.record;
    const lastRecordAt = now.monotonic;
    const producer = this.producers.get(id) ?? { lastRecordAt, unstored: new Map() };
    this.producers.set(id, producer);
    producer.lastRecordAt = lastRecordAt;
    for (const [earlierSeq, earlier] of producer.unstored) {
      if (earlierSeq > stored) break;
      if (this.repeated.has(earlier.id)) continue;
      this.remove(producer, earlier, this.isLate(earlier, now));
    }
    if (seq <= stored) return;
    producer.unstored.set(seq, item);
    this.known.set(item.id, item);
  }

  /**
   * Notes a duplicate. If the log has one append twice, its producer may have stored the later
   * offset; then the row of a copy between the two would replace it. So the owner stores the first
   * one itself.
   */
  addCopy({ id, record }: LikeEvent): void {
    const first = this.known.get(id)?.record;
    if (first?.producer === record.producer && first.seq === record.seq) this.repeated.add(id);
  }

  /** Whether the id is not known to be stored. */
  has(id: bigint): boolean {
    return this.known.has(id);
  }

  /** The record with this id, if it is not known to be stored; our log counted this copy. */
  recordOf(id: bigint): LikeEvent | undefined {
    return this.known.get(id);
  }

  /** The records that the owner must store: repeated ones, and those of silent producers. */
  abandoned(monotonic: number): LikeEvent[] {
    const abandoned = [...this.repeated].flatMap((id) => this.known.get(id) ?? []);
    for (const [id, producer] of this.producers) {
      if (monotonic - producer.lastRecordAt < SILENT_MS) continue;
      if (producer.unstored.size === 0) this.producers.delete(id);
      for (const item of producer.unstored.values())
        if (!this.repeated.has(item.id)) abandoned.push(item);
    }
    return abandoned;
  }

  /**
   * Removes records that the owner has stored for a producer. Do not call it between a look-up and
   * its count: the look-up may have been too early to find the row.
   */
  markStored(items: readonly LikeEvent[]): void {
    for (const item of items) {
      const producer = this.producers.get(item.record.producer);
      if (producer) this.remove(producer, item, true);
    }
  }

  /** The offset of the first record not known to be stored. */
  get firstOffset(): number | undefined {
    let first: number | undefined;
    for (const { unstored } of this.producers.values()) {
      for (const { offset } of unstored.values()) {
        first = Math.min(first ?? offset, offset);
        break;
      }
    }
    return first;
  }

  get size(): number {
    return this.known.size;
  }

  // The time of the confirming record is an upper bound: it was appended after the row was written.
  private isLate({ appendedAt }: LikeEvent, { logTime = Number.POSITIVE_INFINITY }: Now): boolean {
    return logTime - appendedAt > this.windowMs * LATE_SHARE;
  }

  private remove(producer: Producer, item: LikeEvent, isLate: boolean): void {
    if (!producer.unstored.delete(item.record.seq)) return;
    this.known.delete(item.id);
    this.repeated.delete(item.id);
    if (isLate) this.storedLate.push(item);
  }
}
