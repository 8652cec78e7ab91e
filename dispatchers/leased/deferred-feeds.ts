import type { LeasedFeed } from '../../adapters/contributions';
import type { Clock, Timer } from '../../runtime/clock';
import { feedName, RENEW_MS } from '../../schemas/delivery';

/**
 * The most feeds that wait. Others are dropped: the workers that hold them find their buckets
 * unequal and report them again.
 */
const MAX_FEEDS = 100_000;

/** Feeds that are published in one call. */
const FEEDS_PER_CALL = 200;

/** Calls at the same time: each waits for Redis and the store most of the time. */
const CALLS_IN_FLIGHT = 4;

/**
 * How long feeds are held back after Redis has lost some: all workers need two renewals to find
 * those buckets unequal that change all the time, and one more request to report them.
 */
const LOST_WAIT_MS = 3 * RENEW_MS;

/** The least time between two such holds: losses again and again must not hold all back forever. */
const HOLD_GAP_MS = 15_000;

/** Feeds that could not be published are published after this time. */
const RETRY_MS = 1_000;

/** A feed, and whether workers of this datacenter have changed it. */
export interface DeferredFeed extends LeasedFeed {
  readonly isOwn: boolean;
}

export interface DeferredFeedsOptions {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Publishes feeds; those that it adds again wait for the next time. Rejects if it cannot. */
  readonly publish: (feeds: readonly DeferredFeed[]) => Promise<void>;
  readonly failed: (doing: string, error: unknown) => void;
}

/** Feeds to publish later: because publications are held back, or because a read has failed. */
export class DeferredFeeds {
  private readonly waiting = new Map<string, DeferredFeed>();
  private heldUntil = Number.NEGATIVE_INFINITY;
  private heldAt = Number.NEGATIVE_INFINITY;
  private timer: Timer | undefined;
  private isRunning = false;
  private isClosed = false;

  constructor(private readonly options: DeferredFeedsOptions) {}

  /** Whether nothing may be published now. */
  get isHolding(): boolean {
    return this.options.clock.monotonic() < this.heldUntil;
  }

  /** Whether feeds wait, or are published now. */
  get isWaiting(): boolean {
    return this.isHolding || this.isRunning || this.waiting.size > 0;
  }

  /** Holds all publications back for this time from now. */
  hold(ms: number): void {
    this.heldAt = this.options.clock.monotonic();
    this.heldUntil = this.heldAt + ms;
    this.timer?.cancel();
    this.timer = undefined;
    this.later(ms);
  }

  /** Holds them back because Redis has lost feeds, unless it did so lately. */
  holdForLosses(): void {
    const { clock } = this.options;
    if (clock.monotonic() - this.heldAt >= HOLD_GAP_MS) this.hold(LOST_WAIT_MS);
  }

  add(feeds: readonly LeasedFeed[], isOwn: boolean): void {
    for (const { channel, type } of feeds) {
      const name = feedName({ channel, type });
      const waiting = this.waiting.get(name);
      if (!waiting && this.waiting.size >= MAX_FEEDS) break;
      this.waiting.set(name, { channel, type, isOwn: isOwn || waiting?.isOwn === true });
    }
    if (feeds.length > 0) this.later(RETRY_MS);
  }

  close(): void {
    this.isClosed = true;
    this.waiting.clear();
    this.timer?.cancel();
  }

  private later(ms: number): void {
    if (this.isClosed || this.timer || this.isRunning) return;
    this.timer = this.options.clock.after(ms, () => {
      this.timer = undefined;
      void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    // Feeds that are added again must not be published at once.
    let left = this.waiting.size;
    const publishNext = async (): Promise<void> => {
      while (left > 0 && !this.isHolding && !this.isClosed) {
        const some = this.take();
        left -= some.length;
        await this.publish(some);
      }
    };
    await Promise.all(Array.from({ length: CALLS_IN_FLIGHT }, publishNext));
    this.isRunning = false;
    const heldMs = this.heldUntil - this.options.clock.monotonic();
    if (this.waiting.size > 0) this.later(heldMs > 0 ? heldMs : RETRY_MS);
  }

  /** Removes and returns the first feeds. */
  private take(): DeferredFeed[] {
    const some: DeferredFeed[] = [];
    for (const [name, feed] of this.waiting) {
      if (some.length === FEEDS_PER_CALL) break;
      some.push(feed);
      this.waiting.delete(name);
    }
    return some;
  }

  private async publish(feeds: readonly DeferredFeed[]): Promise<void> {
    try {
      await this.options.publish(feeds);
    } catch (error) {
      this.options.failed('publish', error);
      for (const feed of feeds) this.add([feed], feed.isOwn);
    }
  }
}
