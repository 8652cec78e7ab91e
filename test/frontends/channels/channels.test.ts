import fc from 'fast-check';
import '../../fixtures/same-runs';
import type { Channel } from '../../../frontends/channels/channel';
import { Channels } from '../../../frontends/channels/channels';
import { bucketOf, DIGEST_BUCKETS, digestOf } from '../../../schemas/delivery';
import type { Vector } from '../../../schemas/state';
import { stateAt, vectors } from '../../schemas/arbitraries';

const names = fc.nat({ max: 9 }).map((id) => `video:${id}`);

describe('Channels', () => {
  it('have the digest of the held channels after any opens, states and removals', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ does: fc.constant('open' as const), name: names }),
        fc.record({ does: fc.constant('remove' as const), name: names }),
        fc.record({ does: fc.constant('apply' as const), name: names, vector: vectors }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const channels = new Channels(() => undefined);
        const held = new Map<string, Channel>();
        for (const step of all) {
          if (step.does === 'open') held.set(step.name, channels.open(step.name).channel);
          else if (step.does === 'apply') channels.apply(step.name, step.vector, 0);
          else {
            channels.remove(step.name);
            held.delete(step.name);
          }
        }
        const expected = [...held].map(([name, { vector }]) => [name, vector] as const);
        expect(channels.digest()).toEqual(digestOf(expected));
        expect(channels.size).toBe(held.size);
        const listed = Array.from({ length: DIGEST_BUCKETS }, (_, at) => channels.inBucket(at));
        expect(listed.flat().sort()).toEqual([...held.keys()].sort());
      }),
    );
  });

  it('list a channel only in its bucket', () => {
    const channels = new Channels(() => undefined);
    channels.open('video:1');
    expect(channels.inBucket(bucketOf('video:1'))).toEqual(['video:1']);
    expect(channels.inBucket((bucketOf('video:1') + 1) % DIGEST_BUCKETS)).toEqual([]);
  });

  it('count the channels that are not held yet', () => {
    const channels = new Channels(() => undefined);
    channels.open('video:1');
    expect(channels.countNew(['video:1', 'video:2', 'video:3'])).toBe(2);
  });

  it('report a changed channel, and ignore a channel that is not held', () => {
    const changed: string[] = [];
    const channels = new Channels(({ name }) => changed.push(name));
    const vector: Vector = { 'dc1.1': stateAt(3) };
    channels.apply('video:1', vector, 0);
    channels.open('video:1');
    channels.apply('video:1', vector, 0);
    expect(changed).toEqual(['video:1']);
    expect(channels.get('video:1')?.vector).toEqual(vector);
  });
});
