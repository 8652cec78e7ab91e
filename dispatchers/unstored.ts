import type { Logged } from './log-event';

/** A producer not heard of for so long has died: what it left unstored is the owner's to store. */
export const SILENT_MS = 3_000;

interface Producer {
  heardAt: number;
  /** By sequence, in the order of the log. */
  readonly waiting: Map<number, Logged>;
}

/**
 * What each producer has appended to a partition and not yet said to be stored. Such an id is known
 * however old it is: whoever looks it up finds nothing, so a copy of it may come at any time, and
 * for a window after it was stored, since somebody may have looked just before.
 */
export class UnstoredRecords {
  private readonly producers = new Map<string, Producer>();
  /** By id, until when it is known, ms since the epoch. */
  private readonly known = new Map<bigint, number>();

  /** `storedLate` is told of each that was stored when others may have looked it up in vain. */
  constructor(
    private readonly windowMs: number,
    private readonly storedLate: (item: Logged) => void = () => undefined,
  ) {}

  /** Notes a record, and takes out those that its producer says are stored. */
  add(item: Logged, now: number): void {
    const { producer: id, seq, stored } = item.record;
    const producer = this.producers.get(id) ?? { heardAt: now, waiting: new Map() };
    this.producers.set(id, producer);
    producer.heardAt = now;
    for (const [waiting, earlier] of producer.waiting) {
      if (waiting > stored) break;
      this.release(producer, earlier, now);
    }
    if (seq <= stored) return;
    producer.waiting.set(seq, item);
    this.known.set(item.id, Number.POSITIVE_INFINITY);
  }

  /** Whether the id is not stored, or was not until lately. */
  knows(id: bigint): boolean {
    return this.known.has(id);
  }

  /** What producers that fell silent have left. */
  left(now: number): Logged[] {
    this.forget(now);
    const left: Logged[] = [];
    for (const [id, producer] of this.producers) {
      if (now - producer.heardAt < SILENT_MS) continue;
      if (producer.waiting.size === 0) this.producers.delete(id);
      left.push(...producer.waiting.values());
    }
    return left;
  }

  /** Takes out what has been stored on a producer's behalf. */
  settle(items: readonly Logged[], now: number): void {
    for (const item of items) {
      const producer = this.producers.get(item.record.producer);
      if (producer) this.release(producer, item, now);
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
    let size = 0;
    for (const { waiting } of this.producers.values()) size += waiting.size;
    return size;
  }

  private release(producer: Producer, item: Logged, now: number): void {
    const { id, record } = item;
    producer.waiting.delete(record.seq);
    this.known.delete(id);
    // One that was stored soon is in the owner's window all the same.
    if (now - record.at <= this.windowMs / 4) return;
    this.known.set(id, now + this.windowMs);
    this.storedLate(item);
  }

  private forget(now: number): void {
    for (const [id, until] of this.known) if (until < now) this.known.delete(id);
  }
}
