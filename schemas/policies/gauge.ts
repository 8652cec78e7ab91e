import { z } from 'zod';
import type { LeasedPolicy } from '../policy';
import { newest } from '../state';

/** A worker's contribution to a gauge. */
export interface Level {
  /** The streams that it holds. */
  readonly streams: number;
  /** The greatest sum over all workers that stood long enough, as far as this worker saw. */
  readonly stood: number;
}

/** A sum over all workers, and the greatest one that stood. */
export interface Gauge {
  readonly count: number;
  readonly peak: number;
}

export interface GaugeOptions {
  /** The event's name on the stream. */
  readonly event: string;
  /** The field of events, snapshots and answers that has the sum. */
  readonly field: string;
  /** The field of answers that has the greatest sum that stood. */
  readonly peakField: string;
}

const count = z.int().nonnegative();
const EMPTY: Gauge = { count: 0, peak: 0 };

/** The policy of a number of open streams. The peak never becomes smaller. */
export function gauge({
  event,
  field,
  peakField,
}: GaugeOptions): LeasedPolicy<Level, Gauge, Gauge> {
  const fieldsOf = (view: Gauge): object => ({ [field]: view.count });
  const shown = z.object({ [field]: count });
  return {
    shapes: {
      snapshot: shown,
      answer: shown.extend({ [peakField]: count }),
      events: { [event]: shown },
    },
    value: z.object({ streams: count, stood: count }),
    state: z.object({ count, peak: count }),
    empty: EMPTY,
    merge: newest,
    join(values) {
      const streams = values.reduce((sum, value) => sum + value.streams, 0);
      const stood = values.reduce((greatest, value) => Math.max(greatest, value.stood), 0);
      return values.length > 0 ? { streams, stood } : undefined;
    },
    next: (before = EMPTY, joined = { streams: 0, stood: 0 }) => ({
      count: joined.streams,
      peak: Math.max(before.peak, joined.stood),
    }),
    level: (view) => view.count,
    // Another datacenter's state is a saved one, whose count is 0, but whose peak may be greater.
    view(states) {
      let view = EMPTY;
      for (const { state } of Object.values(states)) {
        view = { count: view.count + state.count, peak: Math.max(view.peak, state.peak) };
      }
      return view;
    },
    same: (one, other) => one.count === other.count,
    total: () => 0,
    snapshot: fieldsOf,
    answer: (view) => ({ [field]: view.count, [peakField]: view.peak }),
    news: (view) => [{ event, data: fieldsOf(view) }],
    count: () => 1,
  };
}
