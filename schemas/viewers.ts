import { type LeasedType, leasedType } from './event-type';
import { type Gauge, gauge, type Level } from './policies/gauge';

/** The open streams of a video, and the greatest number of them that stood for 10 s. */
export const viewers: LeasedType<Level, Gauge, Gauge> = leasedType({
  name: 'viewers',
  channelKind: 'video',
  source: 'streams',
  of: 'channel',
  // With `newsEveryMs` and the way between, a change is shown within 2 s.
  reportEveryMs: 600,
  newsEveryMs: 1_000,
  graceMs: 0,
  saveEveryMs: 60_000,
  standsMs: 10_000,
  value: (_before, { count, stood }) => (count > 0 ? { streams: count, stood } : undefined),
  policy: gauge({ event: 'viewers', field: 'viewers', peakField: 'peak' }),
});
