import type { Clock } from '../../../runtime/clock';

/** The time between a failed call and the next probe. */
export const PROBE_INTERVAL_MS = 1_000;

/**
 * A circuit breaker. After a failed call it refuses all calls immediately, except one probe per
 * interval. The first success closes it.
 */
export class Breaker {
  private probeAtMs: number | undefined;
  private isProbing = false;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** Whether a call is allowed now. If the breaker is open, an allowed call is the probe. */
  allows(): boolean {
    if (this.probeAtMs === undefined) return true;
    if (this.isProbing || this.clock.monotonic() < this.probeAtMs) return false;
    this.isProbing = true;
    return true;
  }

  /** Allows another probe: the last one was not sent. */
  endProbe(): void {
    this.isProbing = false;
  }

  /** Closes the breaker after a successful call. */
  close(): void {
    this.probeAtMs = undefined;
    this.isProbing = false;
  }

  /** Opens the breaker after a failed call. */
  open(): void {
    this.probeAtMs = this.clock.monotonic() + PROBE_INTERVAL_MS;
    this.isProbing = false;
  }
}
