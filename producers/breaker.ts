import type { Clock } from '../runtime/clock';

/** After a failed call the next one is tried this much later, ms. */
export const PROBE_INTERVAL_MS = 1_000;

/**
 * A circuit breaker: after a failed call it refuses all calls at once, except one probe in each
 * interval. The first success closes it.
 */
export class Breaker {
  private probeAtMs: number | undefined;
  private isProbing = false;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** Whether a call may be made now. While the breaker is open, a `true` makes it the probe. */
  allows(): boolean {
    if (this.probeAtMs === undefined) return true;
    if (this.isProbing || this.clock.monotonic() < this.probeAtMs) return false;
    this.isProbing = true;
    return true;
  }

  /** A call succeeded. */
  close(): void {
    this.probeAtMs = undefined;
    this.isProbing = false;
  }

  /** A call failed. */
  open(): void {
    this.probeAtMs = this.clock.monotonic() + PROBE_INTERVAL_MS;
    this.isProbing = false;
  }
}
