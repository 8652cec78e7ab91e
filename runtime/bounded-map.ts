/** A map that holds at most `maxEntries`; beyond them it evicts the entries set longest ago. */
export class BoundedMap<Key, Value> {
  // A Map iterates in the order of insertion.
  private readonly entries = new Map<Key, Value>();
  // Goes on where it stood: an iteration from the beginning first skips all that were deleted.
  private readonly oldestFirst = this.entries.keys();

  constructor(private readonly maxEntries: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  /** Sets an entry, and makes it the newest. */
  set(key: Key, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.maxEntries) return;
    const oldest = this.oldestFirst.next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }

  delete(key: Key): void {
    this.entries.delete(key);
  }

  /** The entries, the oldest first. */
  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.entries.entries();
  }
}
