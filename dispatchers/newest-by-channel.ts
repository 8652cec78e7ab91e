/**
 * At most one item a channel: an item is merged with an earlier one of its channel. A channel keeps
 * its place in the order until its item is removed.
 */
export class NewestByChannel<Item extends { readonly channel: string }> {
  private readonly items = new Map<string, Item>();

  constructor(private readonly merge: (earlier: Item, later: Item) => Item) {}

  /** Adds an item that is later than the present one of its channel. */
  add(item: Item): void {
    const earlier = this.items.get(item.channel);
    this.items.set(item.channel, earlier ? this.merge(earlier, item) : item);
  }

  /** Adds an item again that was removed, so it is earlier than the present one of its channel. */
  restore(item: Item): void {
    const later = this.items.get(item.channel);
    this.items.set(item.channel, later ? this.merge(item, later) : item);
  }

  /** Removes and returns the first `most` items. */
  take(most = this.items.size): Item[] {
    const removed: Item[] = [];
    for (const item of this.items.values()) {
      if (removed.length === most) break;
      removed.push(item);
    }
    for (const { channel } of removed) this.items.delete(channel);
    return removed;
  }

  /** The items, in order, without removal. */
  values(): Iterable<Item> {
    return this.items.values();
  }

  clear(): void {
    this.items.clear();
  }

  get size(): number {
    return this.items.size;
  }
}
