import { type Entropy, entropyFrom } from '../../runtime/entropy';

/** Random numbers from a seed: mulberry32, 32 bits of state, not for secrets. */
export class Seeded {
  readonly entropy: Entropy;
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
    this.entropy = entropyFrom((count) =>
      Uint8Array.from({ length: count }, () => this.below(256)),
    );
  }

  /** A number of [0, 1). */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number of [0, end). */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Another sequence, so that draws from one do not change the other. */
  fork(): Seeded {
    return new Seeded(Math.floor(this.fraction() * 2 ** 32));
  }
}
