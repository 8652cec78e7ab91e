import type { Fingerprint } from './fingerprints';

interface Item<Value> extends Fingerprint {
  value: Value;
  /** Another one with the same low half; there are few of them. */
  next: Item<Value> | undefined;
}

/** A map by fingerprint, in the order of insertion of their low halves. */
export class FingerprintMap<Value> {
  private readonly byLow = new Map<number, Item<Value>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(key: Fingerprint): boolean {
    return this.find(key) !== undefined;
  }

  get(key: Fingerprint): Value | undefined {
    return this.find(key)?.value;
  }

  set(key: Fingerprint, value: Value): void {
    const { high, low } = key;
    const first = this.byLow.get(low);
    const item = first && withHigh(first, high);
    if (item) {
      item.value = value;
      return;
    }
    this.byLow.set(low, { high, low, value, next: first });
    this.count += 1;
  }

  delete(key: Fingerprint): void {
    const first = this.byLow.get(key.low);
    const item = first && withHigh(first, key.high);
    if (!item) return;
    this.count -= 1;
    if (first === item) this.replaceFirst(item);
    else remove(item, first);
  }

  clear(): void {
    this.byLow.clear();
    this.count = 0;
  }

  *[Symbol.iterator](): Generator<readonly [Fingerprint, Value]> {
    for (const first of this.byLow.values()) {
      for (let item: Item<Value> | undefined = first; item; item = item.next) {
        yield [item, item.value];
      }
    }
  }

  private replaceFirst({ low, next }: Item<Value>): void {
    if (next) this.byLow.set(low, next);
    else this.byLow.delete(low);
  }

  private find({ high, low }: Fingerprint): Item<Value> | undefined {
    const first = this.byLow.get(low);
    return first && withHigh(first, high);
  }
}

/** Removes an item from those after `first`. */
function remove<Value>(item: Item<Value>, first: Item<Value>): void {
  let before = first;
  while (before.next && before.next !== item) before = before.next;
  before.next = item.next;
}

function withHigh<Value>(first: Item<Value>, high: number): Item<Value> | undefined {
  let item: Item<Value> | undefined = first;
  while (item && item.high !== high) item = item.next;
  return item;
}
