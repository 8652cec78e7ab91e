/** How many of something each key (a member, an address) holds. Keys that hold nothing are gone. */
export class Held {
  private readonly counts = new Map<string, number>();

  /** The number of keys that hold something. */
  get size(): number {
    return this.counts.size;
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** Adds one, or as many as are given; a negative number takes away. */
  add(key: string, by = 1): void {
    const count = this.of(key) + by;
    if (count > 0) this.counts.set(key, count);
    else this.counts.delete(key);
  }
}
