/** The list drops its removed records once it has more than these, and more than others. */
const MAX_REMOVED = 64;

/**
 * The unstored records of one producer, by sequence, in the order of the log. A `Map` alone would
 * do, but V8 keeps its deleted keys as holes until it grows, and each iteration from the beginning
 * passes all of them: hundreds of steps a record.
 */
export class UnstoredQueue<Item extends { readonly seq: number }> {
  private readonly bySeq = new Map<number, Item>();
  /** In the order of the log. A record is removed if it is not the one of its sequence. */
  private order: Item[] = [];
  /** All records before this index are removed. */
  private head = 0;

  get size(): number {
    return this.bySeq.size;
  }

  get(seq: number): Item | undefined {
    return this.bySeq.get(seq);
  }

  /** Adds a record at the end; its sequence is not in the queue. */
  add(record: Item): void {
    this.bySeq.set(record.seq, record);
    this.order.push(record);
  }

  /** Puts a record of the same sequence into the place of another one. */
  replace(before: Item, after: Item): void {
    this.bySeq.set(after.seq, after);
    this.order[this.order.indexOf(before, this.head)] = after;
  }

  /** Removes a record; false if it is not in the queue. */
  remove(record: Item): boolean {
    if (!this.has(record)) return false;
    this.bySeq.delete(record.seq);
    let first = this.order[this.head];
    while (first && !this.has(first)) first = this.order[++this.head];
    if (this.order.length > MAX_REMOVED + 2 * this.size) {
      this.order = this.order.filter((each) => this.has(each));
      this.head = 0;
    }
    return true;
  }

  /** The first records, up to the first one with a greater sequence. */
  upTo(seq: number): readonly Item[] {
    const found: Item[] = [];
    for (let at = this.head; at < this.order.length; at++) {
      const record = this.order[at];
      if (!record || !this.has(record)) continue;
      if (record.seq > seq) break;
      found.push(record);
    }
    return found;
  }

  /** The first record in the order of the log. */
  get first(): Item | undefined {
    return this.order[this.head];
  }

  /** All records, in the order of the log. */
  all(): readonly Item[] {
    return this.upTo(Number.POSITIVE_INFINITY);
  }

  private has(record: Item): boolean {
    return this.bySeq.get(record.seq) === record;
  }
}
