import type { Entropy } from '../runtime/entropy';

/** A run of appends that were issued together. */
export interface SequenceRange {
  readonly producer: string;
  readonly first: number;
  readonly count: number;
  /** All of this producer's appends up to here are in the store. */
  readonly stored: number;
}

/**
 * Numbers this producer's appends and knows up to where all are stored. Owners read both in the
 * records, and store themselves what a producer that fell silent has left.
 */
export class AppendSequence {
  private producer: string;
  private next = 1;
  /** First numbers of tickets that are not stored, in rising order. */
  private readonly open = new Set<number>();

  constructor(private readonly entropy: Entropy) {
    this.producer = entropy.secretId();
  }

  /** Numbers for `count` appends. */
  reserve(count: number): SequenceRange {
    const first = this.next;
    const stored = this.stored();
    this.next += count;
    this.open.add(first);
    return { producer: this.producer, first, count, stored };
  }

  /** All of the ticket's appends are in the store. */
  confirm(ticket: SequenceRange): void {
    if (ticket.producer === this.producer) this.open.delete(ticket.first);
  }

  /**
   * Goes on under a new name. For when nobody can tell any more what of the old name is in the log
   * or in the store: it falls silent, and the owner stores all that is left of it.
   */
  startNewName(): void {
    this.producer = this.entropy.secretId();
    this.next = 1;
    this.open.clear();
  }

  private stored(): number {
    for (const first of this.open) return first - 1;
    return this.next - 1;
  }
}
