import type { Entropy } from '../runtime/entropy';

/** The sequence numbers of one call of `reserve`. */
export interface SequenceRange {
  readonly producer: string;
  readonly first: number;
  readonly count: number;
  /** All of this producer's appends up to this number are in the store. */
  readonly stored: number;
}

/**
 * Numbers this producer's appends, and computes the number up to which all are stored. Records have
 * both numbers. If a producer falls silent, an owner stores the appends above the second number.
 */
export class AppendSequence {
  private producer: string;
  private next = 1;
  /** The first numbers of ranges that are not stored, in rising order. */
  private readonly unstored = new Set<number>();

  constructor(private readonly entropy: Entropy) {
    this.producer = entropy.secretId();
  }

  /** Reserves numbers for `count` appends. */
  reserve(count: number): SequenceRange {
    const first = this.next;
    const stored = this.storedUpTo();
    this.next += count;
    this.unstored.add(first);
    return { producer: this.producer, first, count, stored };
  }

  /** Notes that all appends of the range are in the store, or that none is in the log. */
  confirm({ first, producer }: SequenceRange): void {
    if (producer === this.producer) this.unstored.delete(first);
  }

  /**
   * Begins again at 1 with a new name. Call it if it is unknown which appends are in the log or in
   * the store: the old name falls silent, so the owner stores its appends.
   */
  startNewName(): void {
    this.producer = this.entropy.secretId();
    this.next = 1;
    this.unstored.clear();
  }

  private storedUpTo(): number {
    for (const first of this.unstored) return first - 1;
    return this.next - 1;
  }
}
