import { FeedState } from '../../../frontends/channels/feed-state';
import { MAX_SNAPSHOT_BYTES, snapshotsOf } from '../../../frontends/channels/snapshot-fields';
import type { EventType } from '../../../schemas/event-type';
import { likes } from '../../../schemas/likes';
import type { Vector } from '../../../schemas/state';
import { gauges, nods } from '../live-policies';
import { counted, VIDEO } from '../parts';
import { entries } from '../policies';

function feed(type: EventType, vector: Vector): FeedState {
  return new FeedState(type, vector, type.policy.view(vector), 0);
}

const LIKES = feed(likes, { 'dc1.1': counted(3) });
const GAUGE = feed(gauges, { 'dc1.0': { version: 4, state: { watching: 7 } } });
const NODS = feed(nods, { ann: { version: 1, state: true }, bob: { version: 1, state: true } });

/** Entries whose fields have about so many bytes. */
function many(bytes: number): FeedState {
  const state = Array.from({ length: bytes / 15 }, (_, at) => 1_000_000 + at);
  return feed(entries, { 'dc1.1': { version: 1, state } });
}

const dataOf = (feeds: FeedState[], member?: string) =>
  snapshotsOf(VIDEO, feeds, member).map(({ json }) => JSON.parse(json));

describe('the snapshot of feeds', () => {
  it('has their fields, and the vectors of those that are in places', () => {
    const fields = { channel: VIDEO, total: 3, reactions: { like: 3 }, watching: 7 };
    expect(dataOf([LIKES, GAUGE])).toEqual([{ ...fields, seen: { likes: 'dc1.1@30' } }]);
  });

  it('has no vectors if its feeds are in no places', () => {
    expect(dataOf([GAUGE])).toEqual([{ channel: VIDEO, watching: 7 }]);
  });

  it('leaves out the moments of the viewer', () => {
    expect(dataOf([NODS], 'bob')).toEqual([{ channel: VIDEO, nods: ['ann'] }]);
    expect(dataOf([NODS], 'eve')).toEqual([{ channel: VIDEO, nods: ['ann', 'bob'] }]);
  });

  it('is several if the fields are too large for one', () => {
    const large = many(MAX_SNAPSHOT_BYTES);
    const all = snapshotsOf(VIDEO, [LIKES, large, GAUGE], undefined);
    expect(all.map(({ feeds }) => feeds)).toEqual([[LIKES], [large], [GAUGE]]);
    const small = snapshotsOf(VIDEO, [LIKES, many(MAX_SNAPSHOT_BYTES / 2), GAUGE], undefined);
    expect(small).toHaveLength(1);
  });
});
