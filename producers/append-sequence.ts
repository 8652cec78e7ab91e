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
  /** The first numbers of ranges that are not stored. */
  private readonly unstored = new Set<number>();
  /** All ranges that begin below it are stored. */
  private lowest = 1;

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
    this.lowest = 1;
    this.unstored.clear();
  }

  private storedUpTo(): number {
    // An iteration of the set would walk over all numbers that were deleted from it.
    while (this.lowest < this.next && !this.unstored.has(this.lowest)) this.lowest += 1;
    return this.lowest - 1;
  }
}
