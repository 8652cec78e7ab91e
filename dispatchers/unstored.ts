import type { Logged } from './log-event';
import type { Now } from './seen-ids';

/** A producer not heard of for so long has died: what it left unstored is the owner's to store. */
export const SILENT_MS = 3_000;

/** A peer may have missed a like stored later than this share of the window after its append. */
const LATE_SHARE = 1 / 4;

interface Producer {
  /** The owner's monotonic clock at the last record of this producer, ms. */
  heardAt: number;
  /** By sequence, in the order of the log. */
  readonly waiting: Map<number, Logged>;
}

/**
 * What each producer has appended to a partition and not yet said to be stored. Such an id is known
 * however old it is, since a look-up in the store finds nothing.
 */
export class UnstoredRecords {
  private readonly producers = new Map<string, Producer>();
  private readonly known = new Map<bigint, Logged>();
  /** Ids whose append is in the log twice. */
  private readonly repeated = new Set<bigint>();
  private readonly late: Logged[] = [];

  /** `keepsLate`: whether `storedLate` is read, because there are peers. */
  constructor(
    private readonly windowMs: number,
    private readonly keepsLate = true,
  ) {}

  /** Likes stored so late that a peer may have looked them up before, oldest first. */
  get storedLate(): readonly Logged[] {
    return this.late;
  }

  /** Drops the first `count` of `storedLate`. */
  dropStoredLate(count: number): void {
    this.late.splice(0, count);
  }

  /** Notes a record, and takes out those that its producer says are stored. */
  add(item: Logged, now: Now): void {
    const { producer: id, seq, stored } = item.record;
    const heardAt = now.monotonic;
    const producer = this.producers.get(id) ?? { heardAt, waiting: new Map() };
    this.producers.set(id, producer);
    producer.heardAt = heardAt;
    for (const [waiting, earlier] of producer.waiting) {
      if (waiting > stored) break;
      if (this.repeated.has(earlier.id)) continue;
      this.release(producer, earlier, this.isLate(earlier, now));
    }
    if (seq <= stored) return;
    producer.waiting.set(seq, item);
    this.known.set(item.id, item);
  }

  /**
   * Notes a copy. If the log has one append twice, its producer may have been answered with the
   * later offset and stored that one; then the row of another copy in between would win. So the owner
   * stores the first one itself.
   */
  addCopy({ id, record }: Logged): void {
    const first = this.known.get(id)?.record;
    if (first?.producer === record.producer && first.seq === record.seq) this.repeated.add(id);
  }

  /** Whether the id is not known to be stored. */
  knows(id: bigint): boolean {
    return this.known.has(id);
  }

  /** The record with this id, if it is not known to be stored: the copy that our log counted. */
  recordOf(id: bigint): Logged | undefined {
    return this.known.get(id);
  }

  /** The records that the owner stores: of producers silent at `monotonic`, ms, and repeated ones. */
  left(monotonic: number): Logged[] {
    const left = [...this.repeated].flatMap((id) => this.known.get(id) ?? []);
    for (const [id, producer] of this.producers) {
      if (monotonic - producer.heardAt < SILENT_MS) continue;
      if (producer.waiting.size === 0) this.producers.delete(id);
      for (const item of producer.waiting.values())
        if (!this.repeated.has(item.id)) left.push(item);
    }
    return left;
  }

  /**
   * Removes records that the owner has stored for a producer. Do not call it between a look-up and
   * its count: the look-up may have been too early to find the row.
   */
  settle(items: readonly Logged[]): void {
    for (const item of items) {
      const producer = this.producers.get(item.record.producer);
      if (producer) this.release(producer, item, true);
    }
  }

  /** The offset of the first record not known to be stored. */
  get firstOffset(): number | undefined {
    let first: number | undefined;
    for (const { waiting } of this.producers.values()) {
      for (const { offset } of waiting.values()) {
        first = Math.min(first ?? offset, offset);
        break;
      }
    }
    return first;
  }

  get size(): number {
    return this.known.size;
  }

  // The record that confirms a row was appended after the row was written: an upper bound.
  private isLate({ appendedAt }: Logged, { logTime = Number.POSITIVE_INFINITY }: Now): boolean {
    return logTime - appendedAt > this.windowMs * LATE_SHARE;
  }

  private release(producer: Producer, item: Logged, isLate: boolean): void {
    if (!producer.waiting.delete(item.record.seq)) return;
    this.known.delete(item.id);
    this.repeated.delete(item.id);
    if (isLate && this.keepsLate) this.late.push(item);
  }
}
