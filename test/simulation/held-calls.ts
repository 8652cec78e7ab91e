import type { Clock } from '../../runtime/clock';
import type { Seeded } from './seeded';

/**
 * Calls of one machine that its network holds: bytes that were written to a socket before the link
 * failed, and are delivered long after their caller timed out.
 */
export class HeldCalls {
  private until = 0;
  private maxMs = 0;
  /** When the last call that was held is delivered, by the monotonic clock. */
  lastDeliveryAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Seeded,
  ) {}

  /** Holds each call of the next `forMs`, each for up to `maxMs`. */
  hold(forMs: number, maxMs: number): void {
    this.until = this.clock.monotonic() + forMs;
    this.maxMs = maxMs;
  }

  /** Lets all that is called from now on through. */
  release(): void {
    this.until = 0;
  }

  /** How long a call that is made now is held, ms. */
  delay(): number {
    const now = this.clock.monotonic();
    if (now >= this.until) return 0;
    const delay = this.random.below(this.maxMs);
    this.lastDeliveryAt = Math.max(this.lastDeliveryAt, now + delay);
    return delay;
  }
}
