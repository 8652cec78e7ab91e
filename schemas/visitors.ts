import { type LeasedType, leasedType } from './event-type';
import { NO_IDS, type Sketch, withId } from './hyperloglog';
import { sketch } from './policies/sketch';

/** The distinct members and anonymous sessions that have opened a stream of a video, about. */
export const visitors: LeasedType<Sketch, Sketch, Sketch> = leasedType({
  name: 'visitors',
  channelKind: 'video',
  source: 'streams',
  of: 'channel',
  shownBy: 'viewers',
  // A GET is right 5 s after the last visitor came.
  reportEveryMs: 2_500,
  newsEveryMs: 2_500,
  // A worker reports a sketch for the last time before it releases the channel.
  graceMs: 4_000,
  saveEveryMs: 60_000,
  value: (before = NO_IDS, { openedBy }) =>
    openedBy === undefined ? before : withId(before, openedBy),
  policy: sketch({ field: 'unique' }),
});
