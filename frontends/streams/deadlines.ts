import type { Clock, Timer } from '../../runtime/clock';

/** Deadlines within this time share a turn; an item is due up to this much later. */
export const SLOT_MS = 50;

/** The most items of one turn of the event loop. */
export const MAX_ITEMS_PER_TURN = 500;

/** Deadlines of many items, each with at most one, with one timer for all. */
export class Deadlines<Item> {
  /** The items by slot: the deadline divided by `SLOT_MS`, rounded up. */
  private readonly slots = new Map<number, Set<Item>>();
  private readonly slotOf = new Map<Item, number>();
  private timer: Timer | undefined;
  private timerSlot = Number.POSITIVE_INFINITY;
  private isClosed = false;

  constructor(
    private readonly clock: Clock,
    /** Called with each item whose deadline has passed. */
    private readonly due: (item: Item) => void,
  ) {}

  /** Sets or replaces an item's deadline, ms of the monotonic clock; undefined removes it. */
  set(item: Item, at: number | undefined): void {
    const slot = at === undefined ? undefined : Math.ceil(at / SLOT_MS);
    const before = this.slotOf.get(item);
    if (slot === before) return;
    if (before !== undefined) this.remove(item, before);
    if (slot === undefined || this.isClosed) return;
    this.slotOf.set(item, slot);
    const items = this.slots.get(slot);
    if (items) items.add(item);
    else this.slots.set(slot, new Set([item]));
    if (slot < this.timerSlot) this.arm(slot);
  }

  get size(): number {
    return this.slotOf.size;
  }

  /** Ends the timer and forgets all deadlines. */
  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
    this.slots.clear();
    this.slotOf.clear();
  }

  private remove(item: Item, slot: number): void {
    this.slotOf.delete(item);
    const items = this.slots.get(slot);
    items?.delete(item);
    if (items?.size === 0) this.slots.delete(slot);
  }

  private arm(slot: number): void {
    this.timer?.cancel();
    this.timerSlot = slot;
    const ms = Math.max(0, slot * SLOT_MS - this.clock.monotonic());
    this.timer = this.clock.after(ms, () => this.fire());
  }

  private fire(): void {
    const now = this.clock.monotonic();
    const due: Item[] = [];
    for (const [slot, items] of this.slots) {
      if (slot * SLOT_MS > now) continue;
      for (const item of items) {
        if (due.length === MAX_ITEMS_PER_TURN) break;
        due.push(item);
      }
    }
    for (const item of due) this.set(item, undefined);
    // Not before: the items set new deadlines, and one timer serves all of them.
    this.timerSlot = Number.NEGATIVE_INFINITY;
    try {
      for (const item of due) this.due(item);
    } finally {
      this.timerSlot = Number.POSITIVE_INFINITY;
      if (!this.isClosed && this.slots.size > 0) this.arm(Math.min(...this.slots.keys()));
    }
  }
}
