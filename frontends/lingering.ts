import type { Clock, Timer } from '../runtime/clock';

/** A channel without viewers is kept this long, because its viewers may reconnect. */
export const LINGER_MS = 5_000;

/** Channels released in one turn of the event loop. */
export const MAX_CHANNELS_PER_RELEASE = 500;

/**
 * Keeps channels without viewers, each until its deadline. All linger for the same time, so the
 * order of insertion is the order of deadlines, and one timer is enough.
 */
export class Lingering {
  private readonly deadlines = new Map<string, number>();
  private timer: Timer | undefined;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    /** Called with channels whose deadline has passed, at most `MAX_CHANNELS_PER_RELEASE`. */
    private readonly release: (channels: readonly string[]) => void,
  ) {}

  /** Releases the channel after `LINGER_MS`, unless `keep` is called before. */
  add(channel: string): void {
    if (this.closed) return;
    this.deadlines.delete(channel);
    this.deadlines.set(channel, this.clock.monotonic() + LINGER_MS);
    this.arm();
  }

  /** Keeps a channel that has viewers again. */
  keep(channel: string): void {
    this.deadlines.delete(channel);
  }

  /** Releases the `count` channels that have lingered longest, except `except`, to make room. */
  releaseOldest(count: number, except: readonly string[]): void {
    const oldest: string[] = [];
    for (const channel of this.deadlines.keys()) {
      if (oldest.length === count) break;
      if (!except.includes(channel)) oldest.push(channel);
    }
    for (const channel of oldest) this.deadlines.delete(channel);
    if (oldest.length > 0) this.release(oldest);
  }

  /** The number of lingering channels. */
  get size(): number {
    return this.deadlines.size;
  }

  /** Ends the timer; releases no channel afterwards. */
  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.deadlines.clear();
  }

  private arm(): void {
    if (this.timer) return;
    const [first] = this.deadlines.values();
    if (first === undefined) return;
    this.timer = this.clock.after(Math.max(0, first - this.clock.monotonic()), () => this.fire());
  }

  private fire(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    const due: string[] = [];
    for (const [channel, deadline] of this.deadlines) {
      if (deadline > now || due.length === MAX_CHANNELS_PER_RELEASE) break;
      due.push(channel);
    }
    for (const channel of due) this.deadlines.delete(channel);
    if (due.length > 0) this.release(due);
    if (!this.closed) this.arm();
  }
}
