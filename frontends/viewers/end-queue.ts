import type { Clock, Timer } from '../../runtime/clock';

/** The CPU time of one slice; the event loop does its other work between two. */
export const SLICE_MS = 4;

/**
 * Ends streams in slices, because thousands may have to end at once. Each is in the queue at most
 * once, so the number of open streams bounds it.
 */
export class EndQueue<S> {
  private readonly waiting = new Map<S, string>();
  private turn: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly end: (stream: S, reason: string) => void,
  ) {}

  /** Ends a stream soon, with the first reason that is given. */
  add(stream: S, reason: string): void {
    if (!this.waiting.has(stream)) this.waiting.set(stream, reason);
    this.turn ??= this.clock.after(0, () => this.work());
  }

  /** Keeps a stream that has not ended yet. */
  delete(stream: S): void {
    this.waiting.delete(stream);
  }

  /** Ends no more streams. */
  close(): void {
    this.turn?.cancel();
    this.waiting.clear();
  }

  private work(): void {
    this.turn = undefined;
    const until = this.clock.cpu() + SLICE_MS;
    for (const [stream, reason] of this.waiting) {
      this.waiting.delete(stream);
      this.end(stream, reason);
      if (this.clock.cpu() >= until) break;
    }
    if (this.waiting.size > 0) this.turn = this.clock.after(0, () => this.work());
  }
}
