import type { Clock } from '../../runtime/clock';
import type { Seeded } from './seeded';

/**
 * Calls of one machine that its network delays, like bytes in a socket whose link fails: they
 * arrive long after their caller timed out.
 */
export class HeldCalls {
  private until = 0;
  private maxMs = 0;
  /** The delivery time of the last held call, by the monotonic clock. */
  lastDeliveryAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Seeded,
  ) {}

  /** Delays each call of the next `forMs` by up to `maxMs`. */
  hold(forMs: number, maxMs: number): void {
    this.until = this.clock.monotonic() + forMs;
    this.maxMs = maxMs;
  }

  /** Delays no further calls. */
  release(): void {
    this.until = 0;
  }

  /** The delay of a call that is made now, ms. */
  delay(): number {
    const now = this.clock.monotonic();
    if (now >= this.until) return 0;
    const delay = this.random.below(this.maxMs);
    this.lastDeliveryAt = Math.max(this.lastDeliveryAt, now + delay);
    return delay;
  }
}
