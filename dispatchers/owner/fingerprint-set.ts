import type { Fingerprint } from './fingerprints';

const FIRST_SLOTS = 1_024;

/**
 * A set of fingerprints: open addressing over one typed array. A slot has the two halves of one,
 *
 *     | low | high | low | high | …
 *
 * and is free if both are 0.
 */
export class FingerprintSet {
  private slots = new Int32Array(FIRST_SLOTS * 2);
  size = 0;

  has({ high, low }: Fingerprint): boolean {
    const known = lowOf(low, high);
    return !this.isFree(this.find(known, high));
  }

  /** Adds the fingerprint; false if the set has it already. */
  add({ high, low }: Fingerprint): boolean {
    const known = lowOf(low, high);
    const at = this.find(known, high);
    if (!this.isFree(at)) return false;
    this.slots[at] = known;
    this.slots[at + 1] = high;
    this.size += 1;
    if (this.size * 4 > this.slots.length) this.grow();
    return true;
  }

  private isFree(at: number): boolean {
    return this.slots[at] === 0 && this.slots[at + 1] === 0;
  }

  /** The index of the fingerprint, or of a free slot if the set has not got it. */
  private find(low: number, high: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = (low << 1) & mask;
    while (slots[at] !== low || slots[at + 1] !== high) {
      if (slots[at] === 0 && slots[at + 1] === 0) break;
      at = (at + 2) & mask;
    }
    return at;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Int32Array(before.length * 2);
    for (let index = 0; index < before.length; index += 2) {
      const [low = 0, high = 0] = [before[index], before[index + 1]];
      if (low === 0 && high === 0) continue;
      const at = this.find(low, high);
      this.slots[at] = low;
      this.slots[at + 1] = high;
    }
  }
}

/** The low half as it is in a slot: a fingerprint of only zeros is kept as 1. */
function lowOf(low: number, high: number): number {
  return low === 0 && high === 0 ? 1 : low;
}
