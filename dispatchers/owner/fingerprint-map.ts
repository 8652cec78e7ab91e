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
    const item = this.find(key);
    if (item) {
      item.value = value;
      return;
    }
    const { high, low } = key;
    this.byLow.set(low, { high, low, value, next: this.byLow.get(low) });
    this.count += 1;
  }

  delete(key: Fingerprint): void {
    const item = this.find(key);
    if (!item) return;
    this.count -= 1;
    const first = this.byLow.get(key.low);
    if (first === item) this.replaceFirst(item);
    for (let before = first; before; before = before.next) {
      if (before.next === item) before.next = item.next;
    }
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
    let item = this.byLow.get(low);
    while (item && item.high !== high) item = item.next;
    return item;
  }
}
