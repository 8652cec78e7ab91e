import fc from 'fast-check';
import '../../fixtures/same-runs';
import type { Channel } from '../../../frontends/channels/channel';
import { Channels } from '../../../frontends/channels/channels';
import { bucketOf, DIGEST_BUCKETS, digestOf } from '../../../schemas/delivery';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { Feeds } from '../../../schemas/state';
import { someFeeds, stateAt } from '../../schemas/arbitraries';
import { VirtualClock } from '../../simulation/virtual-clock';

const TYPES = new EventTypes([likes]);
const names = fc.nat({ max: 9 }).map((id) => `video:${id}`);

describe('Channels', () => {
  it('have the digest of the held channels after any opens, states and removals', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ does: fc.constant('open' as const), name: names }),
        fc.record({ does: fc.constant('remove' as const), name: names }),
        fc.record({ does: fc.constant('apply' as const), name: names, feeds: someFeeds }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const channels = new Channels(TYPES, new VirtualClock(), () => undefined);
        const held = new Map<string, Channel>();
        for (const step of all) {
          if (step.does === 'open') held.set(step.name, channels.open(step.name).channel);
          else if (step.does === 'apply') channels.apply(step.name, step.feeds, 0);
          else {
            channels.remove(step.name);
            held.delete(step.name);
          }
        }
        const expected = [...held].map(([name, channel]) => [name, channel.feeds] as const);
        expect(channels.digest()).toEqual(digestOf(expected));
        expect(channels.size).toBe(held.size);
        const listed = Array.from({ length: DIGEST_BUCKETS }, (_, at) => channels.inBucket(at));
        expect(listed.flat().sort()).toEqual([...held.keys()].sort());
      }),
    );
  });

  it('list a channel only in its bucket', () => {
    const channels = new Channels(TYPES, new VirtualClock(), () => undefined);
    channels.open('video:1');
    expect(channels.inBucket(bucketOf('video:1'))).toEqual(['video:1']);
    expect(channels.inBucket((bucketOf('video:1') + 1) % DIGEST_BUCKETS)).toEqual([]);
  });

  it('count the channels that are not held yet', () => {
    const channels = new Channels(TYPES, new VirtualClock(), () => undefined);
    channels.open('video:1');
    expect(channels.countNew(['video:1', 'video:2', 'video:3'])).toBe(2);
  });

  it('report the changed view, and ignore a channel that is not held', () => {
    const changed: unknown[] = [];
    const channels = new Channels(TYPES, new VirtualClock(), (view) => changed.push(view));
    const held: Feeds = { likes: { 'dc1.1': stateAt(3) } };
    channels.apply('video:1', held, 0, 'complete');
    const { channel } = channels.open('video:1');
    const view = channel.viewOf(TYPES.of('video:1'), 0);
    channels.apply('video:1', held, 0, 'complete');
    expect(changed).toEqual([view]);
    expect(channel.feeds).toEqual(held);
  });
});
