import type { Clock, Timer } from './clock';

/** A refusal is answered after this time: a client that repeats at once would cost as much. */
export const REFUSAL_MS = 1_000;

/** Refusals that wait; further ones are answered at once. */
const MAX_REFUSALS = 20_000;

/** Refusals that are answered in one turn of the event loop. */
const REFUSALS_OF_TURN = 100;

/** Refused requests, each of which is answered after a while. */
export class Refusals {
  /** In the order of their times. */
  private readonly waiting: { readonly dueMs: number; readonly answer: () => void }[] = [];
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(private readonly clock: Clock) {}

  /** Calls `answer` later, or now if too many wait. */
  add(answer: () => void): void {
    if (this.isClosed || this.waiting.length >= MAX_REFUSALS) {
      answer();
      return;
    }
    this.waiting.push({ dueMs: this.clock.monotonic() + REFUSAL_MS, answer });
    this.timer ??= this.clock.after(REFUSAL_MS, () => this.answerSome());
  }

  /** Ends the timer, and answers what waits. */
  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
    for (const { answer } of this.waiting.splice(0)) answer();
  }

  private answerSome(): void {
    const now = this.clock.monotonic();
    let due = 0;
    while (due < REFUSALS_OF_TURN && (this.waiting[due]?.dueMs ?? Infinity) <= now) due += 1;
    for (const { answer } of this.waiting.splice(0, due)) answer();
    const [next] = this.waiting;
    const waitMs = next && Math.max(0, next.dueMs - now);
    this.timer =
      waitMs === undefined ? undefined : this.clock.after(waitMs, () => this.answerSome());
  }
}
