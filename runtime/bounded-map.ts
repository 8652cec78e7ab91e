/** An entry, between those that were set before and after it. */
interface Link<Key, Value> {
  readonly key: Key;
  value: Value;
  older: Link<Key, Value> | undefined;
  newer: Link<Key, Value> | undefined;
}

/**
 * A map that holds at most `maxEntries`; beyond them it evicts the entries set longest ago. The
 * entries are a list of their own: a Map has the order of insertion, too, but an iteration from its
 * beginning passes all that were deleted, and an iterator that is kept keeps all replaced values.
 */
export class BoundedMap<Key, Value> {
  private readonly links = new Map<Key, Link<Key, Value>>();
  private oldest: Link<Key, Value> | undefined;
  private newest: Link<Key, Value> | undefined;

  constructor(private readonly maxEntries: number) {}

  get size(): number {
    return this.links.size;
  }

  get(key: Key): Value | undefined {
    return this.links.get(key)?.value;
  }

  /** Sets an entry, and makes it the newest. */
  set(key: Key, value: Value): void {
    let link = this.links.get(key);
    if (link) {
      this.unlink(link);
      link.value = value;
    } else {
      link = { key, value, older: undefined, newer: undefined };
      this.links.set(key, link);
    }
    this.append(link);
    if (this.oldest && this.links.size > this.maxEntries) this.delete(this.oldest.key);
  }

  delete(key: Key): void {
    const link = this.links.get(key);
    if (!link) return;
    this.links.delete(key);
    this.unlink(link);
  }

  /** The entries, the oldest first. */
  *[Symbol.iterator](): IterableIterator<[Key, Value]> {
    for (let link = this.oldest; link; link = link.newer) yield [link.key, link.value];
  }

  private append(link: Link<Key, Value>): void {
    link.older = this.newest;
    link.newer = undefined;
    if (this.newest) this.newest.newer = link;
    else this.oldest = link;
    this.newest = link;
  }

  private unlink({ newer, older }: Link<Key, Value>): void {
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.newest = older;
  }
}
