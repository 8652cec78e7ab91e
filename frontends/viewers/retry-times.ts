import type { Entropy } from '../../runtime/entropy';

const MIN_RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

/** Long waits differ from viewer to viewer by this part. */
const RETRY_VARIATION = 0.1;

/** The times after which viewers shall reconnect: they differ from viewer to viewer. */
export class RetryTimes {
  constructor(private readonly entropy: Pick<Entropy, 'fraction'>) {}

  /** A random time, ms. */
  next(spreadMs = RETRY_SPREAD_MS): number {
    return MIN_RETRY_MS + Math.floor(this.entropy.fraction() * spreadMs);
  }

  /** A time that is a little shorter than `ms`; one of `next` if it is not given. */
  about(ms: number | undefined): number {
    if (ms === undefined) return this.next();
    return Math.round(ms * (1 - this.entropy.fraction() * RETRY_VARIATION));
  }
}
