import type { Clock, Timer } from '../../runtime/clock';

/** No channel waits longer than this for its next flush, however costly the last one was. */
export const MAX_WINDOW_MS = 1_000;

/** One job's turn: others get theirs after it. */
const SLICE_MS = 4;

/** All jobs' turns together, after which accepting, heartbeats and deliveries come first. */
const TURN_MS = 8;

/**
 * The same while viewers come: the event loop takes in one connection between two turns, so long ones
 * would let in a hundred a second.
 */
const SHORT_TURN_MS = 0.2;
const SHORT_AFTER_ONE_CAME_MS = 50;

/** A flush in progress: works for about `ms` CPU milliseconds and tells whether it is done. */
export type Flush = (ms: number) => boolean;

/** A channel as the flusher sees it. */
export interface Flushable {
  /** The earliest time of the next flush, ms of the monotonic clock. */
  nextFlushAt: number;
}

interface Job<C> {
  readonly channel: C;
  readonly flush: Flush;
  readonly beganAt: number;
  cpu: number;
}

/**
 * Adaptive coalescing. A channel that was idle is flushed at once; after that no sooner than a
 * window, so that the rate falls with the crowd and counts never do. The window is what all flushes
 * have cost since, or what this one costs times the channels that share in it, if that is less: a
 * small room does not wait for what a large one costs. A large flush goes in slices, and small ones
 * take their turns between them.
 */
export class Flusher<C extends Flushable> {
  private readonly due = new Map<C, Timer>();
  /** Channels to be begun, in their order. */
  private readonly waiting = new Set<C>();
  private readonly jobs = new Map<C, Job<C>>();
  private readonly again = new Set<C>();
  private turn: Timer | undefined;
  /** Until then, earlier flushes use up the share of a core, ms of the monotonic clock. */
  private paidUntil = 0;
  /** How long the channel flushed last waits for its next flush. */
  windowMs = 0;
  /** Turns are short until then, ms of the monotonic clock. */
  private shortUntil = 0;

  constructor(
    private readonly clock: Clock,
    private readonly begin: (channel: C) => Flush,
    /** Of a core, what flushing may take in all: a flush's window is its CPU time over this. */
    private readonly share = 1,
  ) {}

  /** The channel has changed: flush it as soon as its window lets. */
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

  /** The channel is gone: nothing of it is flushed any more. */
  forget(channel: C): void {
    this.due.get(channel)?.cancel();
    this.due.delete(channel);
    this.waiting.delete(channel);
    this.jobs.delete(channel);
    this.again.delete(channel);
  }

  /** A viewer has come, and others may: they get more of the event loop for a moment. */
  makeRoom(): void {
    this.shortUntil = this.clock.monotonic() + SHORT_AFTER_ONE_CAME_MS;
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

  // New ones first, so that a small room never waits for a large flush to end; then those under way,
  // a slice each.
  private work(): void {
    this.turn = undefined;
    const began = this.clock.cpu();
    const turnMs = this.clock.monotonic() < this.shortUntil ? SHORT_TURN_MS : TURN_MS;
    const sliceMs = Math.min(SLICE_MS, turnMs);
    const running = [...this.jobs.values()];
    for (const channel of this.waiting) {
      this.beginOne(channel, sliceMs);
      if (this.clock.cpu() - began > sliceMs) break;
    }
    for (const job of running) {
      this.workOn(job, sliceMs);
      if (this.clock.cpu() - began > turnMs) break;
    }
    if (this.jobs.size + this.waiting.size > 0)
      this.turn ??= this.clock.after(0, () => this.work());
  }

  private beginOne(channel: C, sliceMs: number): void {
    this.waiting.delete(channel);
    const beganAt = this.clock.monotonic();
    const before = this.clock.cpu();
    const flush = this.begin(channel);
    this.workOn({ channel, flush, beganAt, cpu: this.clock.cpu() - before }, sliceMs);
  }

  private workOn(job: Job<C>, sliceMs: number): void {
    const before = this.clock.cpu();
    const isDone = job.flush(sliceMs);
    job.cpu += this.clock.cpu() - before;
    this.jobs.delete(job.channel);
    if (isDone) this.finish(job);
    else this.jobs.set(job.channel, job);
  }

  private finish({ channel, beganAt, cpu }: Job<C>): void {
    const cost = cpu / this.share;
    this.paidUntil = Math.max(this.paidUntil, beganAt) + cost;
    const others = this.due.size + this.waiting.size + this.jobs.size;
    this.windowMs = Math.min(this.paidUntil - beganAt, cost * (1 + others), MAX_WINDOW_MS);
    channel.nextFlushAt = beganAt + this.windowMs;
    if (this.again.delete(channel)) this.changed(channel);
  }
}
