/** Beyond so many ids in half a window the older half is let go early. */
export const MAX_IDS = 4_000_000;

const FIRST_SLOTS = 1_024;

/**
 * The ids seen lately, so that a copy is not counted. Two generations of 64-bit fingerprints turn by
 * the records' own time: an id is known for at least `windowMs`, and for less than twice that. What
 * is known is a function of the log, so a successor that reads back over the window knows the same.
 */
export class Window {
  private generation = 0;
  private current = new FingerprintSet(FIRST_SLOTS);
  private previous = new FingerprintSet(FIRST_SLOTS);

  constructor(private readonly windowMs: number) {}

  /** Notes the id at time `at` (ms since the epoch); false when it was known already. */
  admit(id: bigint, at: number): boolean {
    this.turn(Math.floor(at / this.windowMs));
    if (this.previous.has(id)) return false;
    return this.current.add(id);
  }

  /** Whether the id was noted, within the window before the latest time. */
  has(id: bigint): boolean {
    return this.previous.has(id) || this.current.has(id);
  }

  /** Ids kept. */
  get size(): number {
    return this.current.size + this.previous.size;
  }

  private turn(generation: number): void {
    if (this.current.size >= MAX_IDS) this.begin(this.current);
    if (generation <= this.generation) return;
    const follows = generation === this.generation + 1;
    this.begin(follows ? this.current : new FingerprintSet(FIRST_SLOTS));
    this.generation = generation;
  }

  private begin(previous: FingerprintSet): void {
    this.previous = previous;
    this.current = new FingerprintSet(FIRST_SLOTS);
  }
}

/** Open addressing over one typed array; 0 marks a free slot. */
class FingerprintSet {
  private slots: BigUint64Array;
  size = 0;

  constructor(slots: number) {
    this.slots = new BigUint64Array(slots);
  }

  has(id: bigint): boolean {
    return this.slots[this.find(id || 1n)] !== 0n;
  }

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
