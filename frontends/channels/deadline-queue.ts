import type { Clock, Timer } from '../../runtime/clock';

/** The items that one turn of the event loop ends. */
export const MAX_ITEMS_A_TURN = 500;

/**
 * Items that end a fixed time after they were added. So the order of insertion is the order of
 * deadlines, and one timer is enough. The caller bounds their number.
 */
export class DeadlineQueue<T> {
  private readonly deadlines = new Map<T, number>();
  private timer: Timer | undefined;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    /** The time that each item stays, ms. */
    private readonly ms: number,
    /** Called with items whose time has passed, at most `MAX_ITEMS_A_TURN`. */
    private readonly ended: (items: readonly T[]) => void,
  ) {}

  /** Adds an item, or starts its time anew. */
  add(item: T): void {
    if (this.closed) return;
    this.deadlines.delete(item);
    this.deadlines.set(item, this.clock.monotonic() + this.ms);
    this.arm();
  }

  /** Removes an item; it does not end. */
  delete(item: T): void {
    this.deadlines.delete(item);
  }

  /** The items, the next one to end first. */
  items(): IterableIterator<T> {
    return this.deadlines.keys();
  }

  get size(): number {
    return this.deadlines.size;
  }

  /** Ends the timer; no item ends afterwards. */
  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.deadlines.clear();
  }

  private arm(): void {
    if (this.timer) return;
    const [first] = this.deadlines.values();
    if (first === undefined) return;
    this.timer = this.clock.after(Math.max(0, first - this.clock.monotonic()), () => this.fire());
  }

  private fire(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    const due: T[] = [];
    for (const [item, deadline] of this.deadlines) {
      if (deadline > now || due.length === MAX_ITEMS_A_TURN) break;
      due.push(item);
    }
    for (const item of due) this.deadlines.delete(item);
    if (due.length > 0) this.ended(due);
    if (!this.closed) this.arm();
  }
}
