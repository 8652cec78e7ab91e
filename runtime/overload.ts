import type { Clock, Timer } from './clock';

/** Writes in flight that are always accepted. In batches of 50 they have 3,200 entries. */
export const LEAST_IN_FLIGHT = 64;

/** Writes in flight of one process, however idle it is. */
export const MOST_IN_FLIGHT = 10_000;

/** A turn of the event loop longer than this means too much work. */
export const LONG_TURN_MS = 60;

/** The limit grows while turns are shorter than this. */
export const SHORT_TURN_MS = 30;

/** How often a turn is measured, and how many measurements make one decision. */
const SAMPLE_MS = 20;
const SAMPLES = 5;

/** A refusal is answered after this time: a client that repeats at once would cost as much. */
export const REFUSAL_MS = 1_000;

/** Refusals that wait; further ones are answered at once. */
const MAX_REFUSALS = 20_000;

/** Refusals that are answered in one turn of the event loop. */
const REFUSALS_OF_TURN = 100;

const SHRINK = 0.8;
const GROW = 1.1;

/**
 * Bounds the writes in flight by the length of the event loop's turns, so that accepted ones are
 * answered soon and viewers are served, whatever arrives. A slow log or store makes no turn longer,
 * so it does not change the limit, which grows and shrinks by a factor.
 */
export class Overload {
  private limit = MOST_IN_FLIGHT;
  private inFlight = 0;
  private mostInFlight = 0;
  private longestMs = 0;
  private samples = 0;
  private timer: Timer | undefined;
  /** In the order of their times. */
  private readonly refusals: { readonly dueMs: number; readonly answer: () => void }[] = [];
  private refusing: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly refused: () => void = () => undefined,
  ) {}

  /** The writes that may be in flight now. */
  get allowed(): number {
    return this.limit;
  }

  /** Counts a write, which must `leave` once; false if it has to be refused. */
  enter(): boolean {
    if (this.inFlight >= this.limit) {
      this.refused();
      return false;
    }
    this.inFlight += 1;
    if (this.inFlight > this.mostInFlight) this.mostInFlight = this.inFlight;
    if (!this.timer) this.measureTurn();
    return true;
  }

  leave(): void {
    this.inFlight -= 1;
  }

  /** Calls `answer` for a write that was refused, after a while. */
  refuse(answer: () => void): void {
    if (this.refusals.length >= MAX_REFUSALS) {
      answer();
      return;
    }
    this.refusals.push({ dueMs: this.clock.monotonic() + REFUSAL_MS, answer });
    this.refusing ??= this.clock.after(REFUSAL_MS, () => this.answerSome());
  }

  /** Ends the timers, and answers what waits. */
  close(): void {
    this.timer?.cancel();
    this.refusing?.cancel();
    for (const { answer } of this.refusals.splice(0)) answer();
  }

  private answerSome(): void {
    const now = this.clock.monotonic();
    let due = 0;
    while (due < REFUSALS_OF_TURN && (this.refusals[due]?.dueMs ?? Infinity) <= now) due += 1;
    for (const { answer } of this.refusals.splice(0, due)) answer();
    const [next] = this.refusals;
    const waitMs = next && Math.max(0, next.dueMs - now);
    this.refusing =
      waitMs === undefined ? undefined : this.clock.after(waitMs, () => this.answerSome());
  }

  /** A timer runs late by what is left of the turn in which it is due. */
  private measureTurn(): void {
    const dueMs = this.clock.monotonic() + SAMPLE_MS;
    this.timer = this.clock.after(SAMPLE_MS, () => {
      this.longestMs = Math.max(this.longestMs, this.clock.monotonic() - dueMs);
      if (++this.samples === SAMPLES) this.decide();
      // Without writes nothing is measured, so that an idle process sleeps.
      if (this.inFlight > 0 || this.samples > 0) this.measureTurn();
      else this.timer = undefined;
    });
  }

  private decide(): void {
    const { limit, longestMs, mostInFlight } = this;
    if (longestMs > LONG_TURN_MS) {
      this.limit = Math.max(LEAST_IN_FLIGHT, Math.floor(Math.min(limit, mostInFlight) * SHRINK));
    } else if (longestMs < SHORT_TURN_MS && mostInFlight >= limit) {
      this.limit = Math.min(MOST_IN_FLIGHT, Math.ceil(limit * GROW));
    }
    this.longestMs = 0;
    this.samples = 0;
    this.mostInFlight = this.inFlight;
  }
}
