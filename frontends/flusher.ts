import type { Clock, Timer } from '../runtime/clock';

/** The share of a core that flushing may take: a flush's window is its CPU time over this. */
export const FLUSH_CPU_SHARE = 0.5;

/** No channel waits longer than this for its next flush, however costly the last one was. */
export const MAX_WINDOW_MS = 1_000;

/** One job's turn: others get theirs after it. */
const SLICE_MS = 4;

/** All jobs' turns together, after which accepting, heartbeats and deliveries come first. */
const TURN_MS = 8;

/** A flush in progress: works for about `ms` CPU milliseconds and tells whether it is done. */
export type Flush = (ms: number) => boolean;

/** A channel as the flusher sees it. */
export interface Flushable {
  /** Not before this, ms since the epoch. */
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
 * window that follows what its last flush cost, so that the rate falls with the crowd and counts
 * never do. A large flush goes in slices, and small ones take their turns between them.
 */
export class Flusher<C extends Flushable> {
  private readonly due = new Map<C, Timer>();
  private readonly jobs = new Map<C, Job<C>>();
  private readonly again = new Set<C>();
  private turn: Timer | undefined;
  /** How long the channel flushed last waits for its next flush. */
  windowMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly begin: (channel: C) => Flush,
  ) {}

  /** The channel has changed: flush it as soon as its window lets. */
  changed(channel: C): void {
    if (this.due.has(channel)) return;
    if (this.jobs.has(channel)) {
      this.again.add(channel);
      return;
    }
    const wait = channel.nextFlushAt - this.clock.now();
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
    this.jobs.delete(channel);
    this.again.delete(channel);
  }

  close(): void {
    this.turn?.cancel();
    for (const timer of this.due.values()) timer.cancel();
    this.due.clear();
    this.jobs.clear();
  }

  private start(channel: C): void {
    this.due.delete(channel);
    const beganAt = this.clock.now();
    this.jobs.set(channel, { channel, flush: this.begin(channel), beganAt, cpu: 0 });
    this.turn ??= this.clock.after(0, () => this.work());
  }

  private work(): void {
    this.turn = undefined;
    const began = this.clock.cpu();
    for (const job of this.jobs.values()) {
      const before = this.clock.cpu();
      const done = job.flush(SLICE_MS);
      const after = this.clock.cpu();
      job.cpu += after - before;
      this.jobs.delete(job.channel);
      if (done) this.finish(job);
      else this.jobs.set(job.channel, job);
      if (after - began > TURN_MS) break;
    }
    if (this.jobs.size > 0) this.turn ??= this.clock.after(0, () => this.work());
  }

  private finish({ channel, beganAt, cpu }: Job<C>): void {
    this.windowMs = Math.min(cpu / FLUSH_CPU_SHARE, MAX_WINDOW_MS);
    channel.nextFlushAt = beganAt + this.windowMs;
    if (this.again.delete(channel)) this.changed(channel);
  }
}
