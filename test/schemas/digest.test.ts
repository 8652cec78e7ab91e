import fc from 'fast-check';
import '../fixtures/same-runs';
import { bucketOf, DIGEST_BUCKETS, digestOf, versionSum } from '../../schemas/digest';
import type { Feeds } from '../../schemas/state';
import { channels, someFeeds, stateAt } from './arbitraries';

const holdings = fc.uniqueArray(fc.tuple(channels, someFeeds), {
  selector: ([channel]) => channel,
  maxLength: 30,
});

describe('digestOf', () => {
  it('is equal for equal holdings, in any order', () => {
    fc.assert(
      fc.property(holdings, (held) => {
        expect(digestOf(held.toReversed())).toEqual(digestOf(held));
      }),
    );
  });

  it('is all zeros for no channels, with one number per bucket', () => {
    expect(digestOf([])).toEqual(new Array(DIGEST_BUCKETS).fill(0));
  });

  it('has integers of 32 bits', () => {
    const held = Array.from({ length: 5_000 }, (_, at) => [`video:${at}`, {}] as const);
    const digest = digestOf(held);
    expect(digest).toHaveLength(DIGEST_BUCKETS);
    for (const sum of digest) expect(sum).toBe(sum >>> 0);
  });

  it('differs in one bucket if a channel is missing', () => {
    fc.assert(
      fc.property(holdings, channels, someFeeds, (held, channel, of) => {
        const without = held.filter(([name]) => name !== channel);
        const one = digestOf(without);
        const other = digestOf([...without, [channel, of]]);
        const unequal = one.flatMap((sum, bucket) => (sum === other[bucket] ? [] : [bucket]));
        expect(unequal).toEqual([bucketOf(channel)]);
      }),
    );
  });

  it('differs if a version is older, of another type, or a channel is missing', () => {
    const newest: Feeds = { likes: { 'dc1.1': stateAt(4), 'dc2.1': stateAt(2) } };
    const older: Feeds = { likes: { 'dc1.1': stateAt(3), 'dc2.1': stateAt(2) } };
    expect(digestOf([['video:1', newest]])).not.toEqual(digestOf([['video:1', older]]));
    const other: Feeds = { votes: newest.likes ?? {} };
    expect(digestOf([['video:1', newest]])).not.toEqual(digestOf([['video:1', other]]));
    expect(digestOf([['video:1', {}]])).not.toEqual(digestOf([]));
  });
});

describe('versionSum', () => {
  it('changes that do not cancel each other for versions that differ in the last digit', () => {
    const steps = Array.from({ length: 200 }, (_, at) => {
      const of = (version: number) => versionSum(`video:${at}`, 'likes', 'dc1.1', version);
      const [before, after] = [of(6), of(5)];
      return Math.abs(after - before);
    });
    expect(new Set(steps).size).toBe(steps.length);
  });
});

describe('bucketOf', () => {
  it('spreads channels over all buckets', () => {
    const used = new Set(Array.from({ length: 4_000 }, (_, at) => bucketOf(`video:${at}`)));
    expect(used.size).toBe(DIGEST_BUCKETS);
    expect(Math.max(...used)).toBe(DIGEST_BUCKETS - 1);
  });
});
