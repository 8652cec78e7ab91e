import { feedName, mergeUpdates, type Update } from '../schemas/delivery';
import type { EventTypes } from '../schemas/event-types';
import type { SharedUpdate } from '../schemas/shared-update';

/**
 * At most one item a key: an item is merged with an earlier one of its key. A key keeps its place
 * in the order until its item is removed.
 */
export class NewestByKey<Item> {
  private readonly items = new Map<string, Item>();

  constructor(
    private readonly keyOf: (item: Item) => string,
    private readonly merge: (earlier: Item, later: Item) => Item,
  ) {}

  /** Adds an item that is later than the present one of its key. */
  add(item: Item): void {
    const key = this.keyOf(item);
    const earlier = this.items.get(key);
    this.items.set(key, earlier ? this.merge(earlier, item) : item);
  }

  /** Adds an item again that was removed, so it is earlier than the present one of its key. */
  restore(item: Item): void {
    const key = this.keyOf(item);
    const later = this.items.get(key);
    this.items.set(key, later ? this.merge(item, later) : item);
  }

  /** Removes and returns the first `most` items. */
  take(most = this.items.size): Item[] {
    if (most >= this.items.size) return this.takeAll();
    const removed: Item[] = [];
    for (const [key, item] of this.items) {
      if (removed.length === most) break;
      removed.push(item);
      this.items.delete(key);
    }
    return removed;
  }

  private takeAll(): Item[] {
    const removed = [...this.items.values()];
    this.items.clear();
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

/** A queue of updates with at most one a feed. */
export function newestByFeed(types: EventTypes): NewestByKey<Update> {
  return new NewestByKey<Update>(feedName, (earlier, later) => mergeUpdates(types, earlier, later));
}

/** As `newestByFeed`, of updates for several frontends. */
export function newestShared(types: EventTypes): NewestByKey<SharedUpdate> {
  return new NewestByKey<SharedUpdate>(
    ({ feed }) => feed,
    (earlier, later) => later.mergedOnto(earlier, types),
  );
}
