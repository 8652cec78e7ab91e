/** A number over time. */
interface Point {
  readonly at: number;
  readonly value: number;
}

/** What was true and what was shown over time, by the clock of this process, ms. */
export class CountRecord {
  private readonly truth: Point[] = [{ at: performance.now(), value: 0 }];
  /** The largest difference between what was shown and what was true at that moment. */
  largestError = 0;
  /** The longest time for which a shown number was no longer true, ms. */
  largestAgeMs = 0;

  /** The true number now. */
  get value(): number {
    return this.truth.at(-1)?.value ?? 0;
  }

  /** The true number has changed. */
  add(by: number): void {
    this.truth.push({ at: performance.now(), value: this.value + by });
  }

  /** Compares a number that is shown now with the truth. */
  compare(shown: number): void {
    this.largestError = Math.max(this.largestError, Math.abs(shown - this.value));
    this.largestAgeMs = Math.max(this.largestAgeMs, this.ageOf(shown));
  }

  /** Forgets the largest error and age: those of a fault are reported apart. */
  restart(): void {
    this.largestError = 0;
    this.largestAgeMs = 0;
  }

  /** The greatest number that was true for this time without a break. */
  greatestStanding(ms: number): number {
    let greatest = 0;
    for (const [at, { at: from }] of this.truth.entries()) {
      let least = Number.POSITIVE_INFINITY;
      let until = from;
      for (let next = at; next < this.truth.length && until - from < ms; next++) {
        least = Math.min(least, this.truth[next]?.value ?? 0);
        until = this.truth[next + 1]?.at ?? performance.now();
      }
      if (until - from >= ms) greatest = Math.max(greatest, least);
    }
    return greatest;
  }

  /** How long ago a number was true last, ms; since the beginning if it never was. */
  private ageOf(shown: number): number {
    let until = performance.now();
    for (let at = this.truth.length - 1; at >= 0; at--) {
      const point = this.truth[at];
      if (point?.value === shown) return performance.now() - until;
      until = point?.at ?? until;
    }
    return performance.now() - (this.truth[0]?.at ?? 0);
  }
}
