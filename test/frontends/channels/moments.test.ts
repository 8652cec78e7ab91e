import {
  MAX_MEMBERS_PER_CHANNEL,
  MAX_MOMENTS,
  MomentFeed,
  Moments,
} from '../../../frontends/channels/moments';
import { EventTypes } from '../../../schemas/event-types';
import type { Vector } from '../../../schemas/state';
import { VirtualClock } from '../../simulation/virtual-clock';
import { nods } from '../live-policies';

function moments() {
  const clock = new VirtualClock();
  const dropped: MomentFeed[] = [];
  const all = new Moments(new EventTypes([nods]), clock, (_type, feed) => dropped.push(feed));
  const feed = new MomentFeed('video:1');
  const receive = (vector: Vector, into = feed) => all.receive(nods, into, vector);
  return { all, clock, dropped, feed, receive };
}

const of = (...members: string[]): Vector =>
  Object.fromEntries(members.map((id) => [id, { version: 1, state: true }]));

describe('moments of members', () => {
  it('end `showMs` after they were received, together in one call', async () => {
    const { clock, dropped, feed, receive } = moments();
    expect(receive(of('ann', 'bob'))).toBe(true);
    await clock.advance(nods.showMs - 1);
    expect(Object.keys(feed.vector)).toEqual(['ann', 'bob']);
    await clock.advance(1);
    expect([feed.vector, dropped]).toEqual([{}, [feed]]);
  });

  it('last longer if they are repeated, but not by an older or the same one', async () => {
    const { clock, feed, receive } = moments();
    receive({ ann: { version: 5, state: true }, bob: { version: 5, state: true } });
    await clock.advance(nods.showMs - 1);
    expect(receive({ ann: { version: 6, state: true } })).toBe(true);
    expect(receive({ bob: { version: 5, state: true } })).toBe(false);
    await clock.advance(1);
    expect(Object.keys(feed.vector)).toEqual(['ann']);
    await clock.advance(nods.showMs);
    expect(receive({ bob: { version: 5, state: true } })).toBe(true);
  });

  it('give another vector after each change, and the same one before', () => {
    const { feed, receive } = moments();
    receive(of('ann'));
    const { vector } = feed;
    expect(feed.vector).toBe(vector);
    receive(of('bob'));
    expect(feed.vector).not.toBe(vector);
  });

  it('are kept of a limited number of members of a channel; theirs can be repeated', () => {
    const { feed, receive } = moments();
    const ids = Array.from({ length: MAX_MEMBERS_PER_CHANNEL + 1 }, (_, at) => `m${at}`);
    receive(of(...ids));
    expect(Object.keys(feed.vector)).toHaveLength(MAX_MEMBERS_PER_CHANNEL);
    expect(receive({ m0: { version: 2, state: true } })).toBe(true);
    expect(receive({ new: { version: 2, state: true } })).toBe(false);
  });

  it('are at most `MAX_MOMENTS` of all channels', () => {
    const { receive } = moments();
    const ids = Array.from({ length: MAX_MEMBERS_PER_CHANNEL }, (_, at) => `m${at}`);
    const last = new MomentFeed('video:last');
    for (let left = MAX_MOMENTS / MAX_MEMBERS_PER_CHANNEL; left > 0; left--) {
      receive(of(...ids), new MomentFeed(`video:${left}`));
    }
    expect(receive(of('ann'), last)).toBe(false);
  });

  it('do not end after the frontend was closed', async () => {
    const { all, clock, dropped, receive } = moments();
    receive(of('ann'));
    all.close();
    await clock.advance(2 * nods.showMs);
    expect(dropped).toEqual([]);
  });
});
