import type { Clock, Timer } from '../../runtime/clock';
import type { Seeded } from './seeded';
import { WINDOW_MS } from './window';

const MIN_STEP_MS = 1_000;
const MAX_STEP_MS = 10 * 365.25 * 24 * 3_600_000;

/**
 * The clock of one machine. Its wall clock differs from the true time and can be stepped; its
 * monotonic clock is always right. A process that restarts on the machine has the same clock.
 */
export class MachineClock implements Clock {
  private steppedMs = 0;

  constructor(
    private readonly time: Clock,
    /** The error of the wall clock without a step, ms. */
    private readonly offsetMs = 0,
  ) {}

  /** Whole milliseconds, as `Date.now()` gives them. */
  now(): number {
    return Math.floor(this.time.now() + this.offsetMs + this.steppedMs);
  }

  monotonic(): number {
    return this.time.monotonic();
  }

  cpu(): number {
    return this.time.cpu();
  }

  after(ms: number, task: () => void): Timer {
    return this.time.after(ms, task);
  }

  /** Sets the error of the wall clock to `ms` plus its constant offset. */
  step(ms: number): void {
    this.steppedMs = ms;
  }
}

/**
 * A step of a clock in either direction. One in three is about as long as the window, because the
 * margins of the dedupe rule are there. The others are from a second to ten years; each order of
 * magnitude is equally likely.
 */
export function drawStep(random: Seeded): number {
  const size = random.once(3)
    ? MIN_STEP_MS + random.below(WINDOW_MS)
    : MIN_STEP_MS * (MAX_STEP_MS / MIN_STEP_MS) ** random.fraction();
  return Math.round(random.once(2) ? size : -size);
}
