import type { Clock, Timer } from '../../../runtime/clock';

const RETRY_MS = 200;

/**
 * Partitions that are paused because their owner rejected records. Each is resumed after a wait,
 * and kafkajs delivers the same records again. Waiting inside a batch would delay other partitions,
 * because kafkajs fetches the next records only after all of the last ones are processed.
 */
export class PausedPartitions {
  private readonly timers = new Set<Timer>();

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  /** Calls `resume` after the wait. */
  resumeLater(resume: () => void): void {
    const timer = this.clock.after(RETRY_MS, () => {
      this.timers.delete(timer);
      resume();
    });
    this.timers.add(timer);
  }

  /** Ends all waits; resumes no partition afterwards. */
  stop(): void {
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }
}
