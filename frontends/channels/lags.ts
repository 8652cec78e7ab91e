import type { ViewerLag } from '../../adapters/viewer-lag';
import type { Clock } from '../../runtime/clock';
import type { Audience, AudienceRow } from './audience';

/** The viewers of a view whose lag is read. The median needs few, and a flush must stay cheap. */
export const SAMPLED_VIEWERS = 7;

/** The sample of a view is taken at most once in this time. */
export const SAMPLE_GAP_MS = 100;

/**
 * A viewer with a greater lag has stalled: it has lost its network, or never reads. A proxy or page
 * that is only slow has a smaller one: at an eighth of this lag windows are as long as they may be.
 */
export const STALLED_MS = 1_000;

/** A view, as its lag is measured. */
export interface Sampled {
  readonly audience: Audience<AudienceRow>;
  /** The median lag of its last sample, ms; written by `Lags` alone. */
  lagMs: number;
  /** The earliest time of the next sample, monotonic ms; written by `Lags` alone. */
  sampleAt: number;
}

/** Measures how slow it is behind this worker, for each view by a sample of its viewers. */
export class Lags {
  constructor(
    private readonly sockets: ViewerLag,
    private readonly clock: Clock,
  ) {}

  /**
   * The median lag of a view's viewers, ms; of two, the smaller one. So less than half of them
   * never count, however slow they are. Those that have stalled do not count at all, however many
   * they are: the others would get as few frames. The lag stays as it was if the sample has no
   * others.
   */
  of(view: Sampled): number {
    const now = this.clock.monotonic();
    if (now < view.sampleAt) return view.lagMs;
    view.sampleAt = now + SAMPLE_GAP_MS;
    const viewers = view.audience.sample(SAMPLED_VIEWERS);
    const lags = Float64Array.from(viewers, (viewer) => this.sockets.lagOf(viewer)).sort();
    const counted = lags.filter((lag) => lag < STALLED_MS);
    if (counted.length > 0 || lags.length === 0) {
      view.lagMs = counted[(counted.length - 1) >> 1] ?? 0;
    }
    return view.lagMs;
  }
}
