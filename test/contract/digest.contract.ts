import fc from 'fast-check';
import '../fixtures/same-runs';
import { bucketOf, DIGEST_BUCKETS, digestOf } from '../../schemas/delivery';
import { type Feeds, mergeFeeds, type Vector, type Versioned } from '../../schemas/state';
import { someFeeds } from '../schemas/arbitraries';
import { freshWorker, type Use } from './directory-support';
import { types } from './stores-types';
import { freshChannel } from './time';

function at(version: number): Versioned {
  return { version, state: { like: version } };
}

function likes(vector: Vector): Feeds {
  return { likes: vector };
}

/** The contract of a directory's digest. */
export function describeDigests(use: Use): void {
  it('has a digest of zeros for a worker that watches nothing', async () => {
    const { digest } = use();
    expect(await digest(freshWorker())).toEqual(new Array(DIGEST_BUCKETS).fill(0));
  });

  it('has the newest version of each channel, cached before or after the join', async () => {
    const { digest, put, lease } = use();
    const [before, after, never] = [freshChannel(), freshChannel(), freshChannel()];
    await put(before, likes({ 'dc1.1': at(3), 'dc2.1': at(0) }));
    const worker = await lease(before, after, never);
    await put(after, likes({ 'dc1.1': at(7) }));
    await put(after, likes({ 'dc1.1': at(5) }));
    await put(before, likes({ 'dc2.1': at(2) }));
    expect(await digest(worker)).toEqual(
      digestOf([
        [before, likes({ 'dc1.1': at(3), 'dc2.1': at(2) })],
        [after, likes({ 'dc1.1': at(7) })],
        [never, {}],
      ]),
    );
  });

  it('updates the digest of each worker that watches the channel, and of no other', async () => {
    const { change, digest, put, lease } = use();
    const [channel, other] = [freshChannel(), freshChannel()];
    const [ann, bob, eve] = [await lease(channel), await lease(channel, other), await lease(other)];
    await put(channel, likes({ 'dc1.1': at(1) }));
    await change(bob, [], [channel]);
    await put(channel, likes({ 'dc1.1': at(2) }));
    expect(await digest(ann)).toEqual(digestOf([[channel, likes({ 'dc1.1': at(2) })]]));
    expect(await digest(bob)).toEqual(digestOf([[other, {}]]));
    expect(await digest(eve)).toEqual(digestOf([[other, {}]]));
  });

  it('has the versions of each event type of a channel, and distinguishes types', async () => {
    const { digest, put, lease } = use();
    const [both, one, other] = [freshChannel(), freshChannel(), freshChannel()];
    const ann = await lease(both);
    await put(both, { likes: { 'dc1.1': at(3) } });
    await put(both, { 'star-ratings': { 'dc1.1': at(3) } });
    const feeds = { likes: { 'dc1.1': at(3) }, 'star-ratings': { 'dc1.1': at(3) } };
    expect(await digest(ann)).toEqual(digestOf([[both, feeds]]));
    await put(one, { likes: { 'dc1.1': at(3) } });
    await put(other, { 'star-ratings': { 'dc1.1': at(3) } });
    const bob = await lease(one, other);
    const right: [string, Feeds][] = [
      [one, { likes: { 'dc1.1': at(3) } }],
      [other, { 'star-ratings': { 'dc1.1': at(3) } }],
    ];
    expect(await digest(bob)).toEqual(digestOf(right));
    const swapped = right.map(([name], at) => [name, right[1 - at]?.[1] ?? {}] as const);
    expect(digestOf(swapped)).not.toEqual(digestOf(right));
  });

  describeAnySteps(use);
}

function describeAnySteps(use: Use): void {
  it('has the digest of the held channels after any joins, leaves, puts and losses', async () => {
    const { change, digest, put } = use();
    const places = fc.nat({ max: 7 });
    const step = fc.oneof(
      fc.record({ does: fc.constant('join' as const), places: fc.array(places) }),
      fc.record({ does: fc.constant('leave' as const), places: fc.array(places) }),
      fc.record({ does: fc.constant('mend' as const), places: fc.array(places) }),
      fc.record({ does: fc.constant('put' as const), places: fc.array(places), feeds: someFeeds }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const names = Array.from({ length: 8 }, () => freshChannel());
        const worker = freshWorker();
        const cached = new Map<string, Feeds>();
        let held = new Set<string>();
        for (const one of steps) {
          const channels = one.places.map((place) => names[place] ?? '');
          if (one.does === 'put') {
            for (const channel of channels) {
              await put(channel, one.feeds);
              const before = cached.get(channel) ?? {};
              cached.set(channel, mergeFeeds(types.mergeOf, before, one.feeds));
            }
          } else if (one.does === 'mend') {
            await change(worker, channels, [], [...new Set(names.map(bucketOf))]);
            held = new Set(channels);
          } else {
            const isJoin = one.does === 'join';
            await change(worker, isJoin ? channels : [], isJoin ? [] : channels);
            for (const channel of channels) isJoin ? held.add(channel) : held.delete(channel);
          }
        }
        const expected = [...held].map((channel) => [channel, cached.get(channel) ?? {}] as const);
        expect(await digest(worker)).toEqual(digestOf(expected));
      }),
      { numRuns: 60 },
    );
  });
}

/** The contract for buckets that a worker joins as a whole. */
export function describeWholeBuckets(use: Use): void {
  it('drops the channels of a bucket that the worker does not join', async () => {
    const { change, digest, watching, lease } = use();
    const [kept, surplus] = [freshChannel(), freshChannel()];
    const worker = await lease(kept, surplus);
    await change(worker, [kept], [], [...new Set([bucketOf(kept), bucketOf(surplus)])]);
    expect(await watching(kept, surplus)).toEqual([[worker], []]);
    expect(await digest(worker)).toEqual(digestOf([[kept, {}]]));
  });

  it('drops nothing of other buckets, nor of other workers', async () => {
    const { change, watching, lease } = use();
    const channel = freshChannel();
    const [ann, bob] = [await lease(channel), await lease(channel)];
    const all = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket);
    await change(
      ann,
      [],
      [],
      all.filter((bucket) => bucket !== bucketOf(channel)),
    );
    await change(bob, [], [], [bucketOf(channel), DIGEST_BUCKETS, 1e9]);
    expect(await watching(channel)).toEqual([[ann]]);
  });
}
