import type { Clock, Timer } from '../../runtime/clock';

/** No channel waits longer than this for its next flush, however costly the last one was. */
export const MAX_WINDOW_MS = 1_000;

/**
 * The window is at least so many times the lag behind the worker. A proxy that is busy with a flush
 * for an eighth of the window has most of its time left for the requests that go through it.
 */
const WINDOWS_PER_LAG = 8;

/** The CPU time of one slice of a flush; slices of other flushes come between two. */
const SLICE_MS = 4;

/** The CPU time of all slices in one turn of the event loop; then it does its other work. */
const TURN_MS = 8;

/**
 * The same while viewers connect. The event loop accepts one connection between two turns, so turns
 * of `TURN_MS` would let it accept only about a hundred a second.
 */
const SHORT_TURN_MS = 0.2;
const SHORT_TURNS_AFTER_OPEN_MS = 50;

/** A flush in progress: works for about `ms` CPU milliseconds and returns whether it is done. */
export type Flush = (ms: number) => boolean;

/** A channel, as the flusher refers to it. */
export interface Flushable {
  /** The earliest time of the next flush, ms of the monotonic clock. */
  nextFlushAt: number;
}

/** The limits of all flushes of a worker. */
export interface FlushLimits {
  /** The part of a core that all flushes may use; all of it if not given. */
  readonly share?: number | undefined;
  /** The least window, ms: what lies between this worker and its viewers has work, too. */
  readonly leastWindowMs?: number | undefined;
}

interface Job<C> {
  readonly channel: C;
  readonly flush: Flush;
  readonly startedAt: number;
  /** What the flush before still waited for behind this worker, ms. */
  readonly lagMs: number;
  cpu: number;
}

/**
 * Adaptive coalescing: flushes each changed channel at most once in a window. An idle channel is
 * flushed at once. With more viewers flushes cost more, so windows get longer and frames fewer, but
 * no count is lost. A flush costs its CPU time divided by the share of a core that flushing may
 * use. Its window is the least of
 * - its cost and what is left to pay of the cost of earlier flushes,
 * - its cost times the number of channels to flush, so that the cost of a large channel does not
 *   delay a small one,
 * - and `MAX_WINDOW_MS`,
 * but no less than `leastWindowMs`, and no less than `WINDOWS_PER_LAG` times the lag behind this
 * worker: proxies and pages have work with each frame, too.
 * A large flush works in slices, and small flushes run between them.
 */
export class Flusher<C extends Flushable> {
  /** Changed channels whose window has not ended. */
  private readonly due = new Map<C, Timer>();
  /** Channels whose flush must start, in order. */
  private readonly waiting = new Set<C>();
  /** The flushes in progress. */
  private readonly jobs = new Map<C, Job<C>>();
  /** Channels that changed during their flush. */
  private readonly again = new Set<C>();
  private turn: Timer | undefined;
  /** Until then, the share of a core is used up by earlier flushes, ms of the monotonic clock. */
  private paidUntil = 0;
  /** The window of the channel that was flushed last, ms. */
  windowMs = 0;
  /** Turns are short until then, ms of the monotonic clock. */
  private shortUntil = 0;

  constructor(
    private readonly clock: Clock,
    private readonly begin: (channel: C) => Flush,
    private readonly limits: FlushLimits = {},
    /** How long what a channel's viewers were sent waits on its way, ms. */
    private readonly lagOf: (channel: C) => number = () => 0,
  ) {}

  /** Flushes a changed channel as soon as its window allows. */
  changed(channel: C): void {
    if (this.due.has(channel) || this.waiting.has(channel)) return;
    if (this.jobs.has(channel)) {
      this.again.add(channel);
      return;
    }
    const wait = channel.nextFlushAt - this.clock.monotonic();
    if (wait > 0)
      this.due.set(
        channel,
        this.clock.after(wait, () => this.start(channel)),
      );
    else this.start(channel);
  }

  /** Cancels the flush of a channel that is no longer held. */
  remove(channel: C): void {
    this.due.get(channel)?.cancel();
    this.due.delete(channel);
    this.waiting.delete(channel);
    this.jobs.delete(channel);
    this.again.delete(channel);
  }

  /** Leaves more of the event loop to new connections for a moment, because a viewer connected. */
  yieldToConnections(): void {
    this.shortUntil = this.clock.monotonic() + SHORT_TURNS_AFTER_OPEN_MS;
  }

  close(): void {
    this.turn?.cancel();
    for (const timer of this.due.values()) timer.cancel();
    this.due.clear();
    this.waiting.clear();
    this.jobs.clear();
  }

  private start(channel: C): void {
    this.due.delete(channel);
    this.waiting.add(channel);
    this.turn ??= this.clock.after(0, () => this.work());
  }

  // New flushes first, so that a small channel never waits for the end of a large flush; then a
  // slice of each flush in progress.
  private work(): void {
    this.turn = undefined;
    const before = this.clock.cpu();
    const turnMs = this.clock.monotonic() < this.shortUntil ? SHORT_TURN_MS : TURN_MS;
    const sliceMs = Math.min(SLICE_MS, turnMs);
    const running = [...this.jobs.values()];
    for (const channel of this.waiting) {
      this.startFlush(channel, sliceMs);
      if (this.clock.cpu() - before > sliceMs) break;
    }
    for (const job of running) {
      this.workOn(job, sliceMs);
      if (this.clock.cpu() - before > turnMs) break;
    }
    if (this.jobs.size + this.waiting.size > 0)
      this.turn ??= this.clock.after(0, () => this.work());
  }

  private startFlush(channel: C, sliceMs: number): void {
    this.waiting.delete(channel);
    const startedAt = this.clock.monotonic();
    const before = this.clock.cpu();
    // Before the first frame: what is written now has had no time to be received.
    const lagMs = this.lagOf(channel);
    const flush = this.begin(channel);
    this.workOn({ channel, flush, startedAt, lagMs, cpu: this.clock.cpu() - before }, sliceMs);
  }

  private workOn(job: Job<C>, sliceMs: number): void {
    const before = this.clock.cpu();
    const isDone = job.flush(sliceMs);
    job.cpu += this.clock.cpu() - before;
    this.jobs.delete(job.channel);
    if (isDone) this.finish(job);
    else this.jobs.set(job.channel, job);
  }

  private finish({ channel, cpu, lagMs, startedAt }: Job<C>): void {
    const { leastWindowMs = 0, share = 1 } = this.limits;
    const cost = cpu / share;
    this.paidUntil = Math.max(this.paidUntil, startedAt) + cost;
    const others = this.due.size + this.waiting.size + this.jobs.size;
    const window = Math.min(this.paidUntil - startedAt, cost * (1 + others), MAX_WINDOW_MS);
    const lagWindow = Math.min(WINDOWS_PER_LAG * lagMs, MAX_WINDOW_MS);
    this.windowMs = Math.max(window, leastWindowMs, lagWindow);
    channel.nextFlushAt = startedAt + this.windowMs;
    if (this.again.delete(channel)) this.changed(channel);
  }
}
