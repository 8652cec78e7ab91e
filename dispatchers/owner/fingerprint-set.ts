const FIRST_SLOTS = 1_024;

/** A set of 64-bit fingerprints: open addressing over one typed array; 0 marks a free slot. */
export class FingerprintSet {
  private slots = new BigUint64Array(FIRST_SLOTS);
  size = 0;

  has(id: bigint): boolean {
    return this.slots[this.find(id || 1n)] !== 0n;
  }

  /** Adds the id; false if the set has it already. */
  add(id: bigint): boolean {
    const known = id || 1n;
    const at = this.find(known);
    if (this.slots[at] !== 0n) return false;
    this.slots[at] = known;
    this.size += 1;
    if (this.size * 2 > this.slots.length) this.grow();
    return true;
  }

  private find(id: bigint): number {
    const mask = this.slots.length - 1;
    let at = Number(BigInt.asUintN(32, id)) & mask;
    while (this.slots[at] !== 0n && this.slots[at] !== id) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new BigUint64Array(before.length * 2);
    for (const id of before) {
      if (id !== 0n) this.slots[this.find(id)] = id;
    }
  }
}
