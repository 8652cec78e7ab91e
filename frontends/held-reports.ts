import type { Clock, Timer } from '../runtime/clock';
import { feedName } from '../schemas/delivery';
import type { Feed } from './report-batch';

/** Longer than a dispatcher holds publications back, and needs to publish them then. */
export const REPEAT_HELD_MS = 10_000;

/** Feeds whose reports are repeated; of others the next change is published. */
const MAX_FEEDS = 100_000;

/**
 * Repeats reports whose states the dispatcher holds back: it may die before it publishes them, and
 * nothing else would repeat a report that was answered.
 */
export class HeldReports {
  private readonly feeds = new Map<string, Feed>();
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'after'>,
    private readonly repeat: (feeds: readonly Feed[]) => void,
  ) {}

  add(feeds: readonly Feed[]): void {
    for (const { channel, type } of feeds) {
      if (this.feeds.size < MAX_FEEDS)
        this.feeds.set(feedName({ channel, type }), { channel, type });
    }
    if (this.feeds.size > 0) {
      this.timer ??= this.clock.after(REPEAT_HELD_MS, () => {
        this.timer = undefined;
        const all = [...this.feeds.values()];
        this.feeds.clear();
        this.repeat(all);
      });
    }
  }

  close(): void {
    this.timer?.cancel();
  }
}
