/** The most levels that are followed at once; further ones replace the greatest. */
const MAX_STEPS = 64;

/** A level that was reached at a time, ms of the monotonic clock, and not gone below since. */
interface Step {
  readonly level: number;
  readonly since: number;
}

/** Finds the greatest level that a number did not go below for some time. */
export class StandingLevel {
  /** Greater than `stood`; both fields ascend. */
  private readonly steps: Step[] = [];
  private greatest = 0;

  constructor(
    /** How long a level must stand, ms. */
    private readonly standsMs: number,
  ) {}

  /** The greatest level that has stood, as of the last call. */
  get stood(): number {
    return this.greatest;
  }

  /** When the next level will have stood; undefined if the number is not above `stood`. */
  get nextAt(): number | undefined {
    const [first] = this.steps;
    return first && first.since + this.standsMs;
  }

  /** Notes the number's value from now on. */
  observe(level: number, now: number): void {
    this.advance(now);
    let since = now;
    for (let top = this.steps.at(-1); top && top.level >= level; top = this.steps.at(-1)) {
      since = top.since;
      this.steps.pop();
    }
    if (level <= this.greatest) return;
    // Without this step, the level counts as reached later than it was.
    if (this.steps.length === MAX_STEPS) this.steps.pop();
    this.steps.push({ level, since });
  }

  /** Notes that the number has not changed until now. */
  advance(now: number): void {
    for (let [first] = this.steps; first; [first] = this.steps) {
      if (now - first.since < this.standsMs) return;
      this.greatest = first.level;
      this.steps.shift();
    }
  }
}
