import fc from 'fast-check';
import '../fixtures/same-runs';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import {
  feeds,
  mergeFeeds,
  mergeVectors,
  newest,
  type State,
  toFeeds,
  toVector,
  type Vector,
  vector,
  versionsOf,
} from '../../schemas/state';
import { someFeeds, stateAt, vectors } from './arbitraries';

const { mergeOf } = new EventTypes([likes]);
const merge = mergeOf('likes');

describe('mergeVectors', () => {
  it('is commutative', () => {
    fc.assert(
      fc.property(vectors, vectors, (one, other) => {
        expect(mergeVectors(merge, one, other)).toEqual(mergeVectors(merge, other, one));
      }),
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, (a, b, c) => {
        const first = mergeVectors(merge, mergeVectors(merge, a, b), c);
        expect(first).toEqual(mergeVectors(merge, a, mergeVectors(merge, b, c)));
      }),
    );
  });

  it('returns the same object if nothing is newer', () => {
    fc.assert(
      fc.property(vectors, vectors, (one, other) => {
        const merged = mergeVectors(merge, one, other);
        expect(mergeVectors(merge, merged, other)).toBe(merged);
        expect(mergeVectors(merge, merged, one)).toBe(merged);
      }),
    );
  });

  it('keeps the newest version of each origin', () => {
    fc.assert(
      fc.property(vectors, vectors, (one, other) => {
        const merged = mergeVectors(merge, one, other);
        const known = new Set([...Object.keys(one), ...Object.keys(other)]);
        for (const origin of known) {
          const last = Math.max(one[origin]?.version ?? -1, other[origin]?.version ?? -1);
          expect(merged[origin]).toEqual(stateAt(last));
        }
        expect(new Set(Object.keys(merged))).toEqual(known);
      }),
    );
  });

  it('does not change its arguments', () => {
    const current: Vector = { 'dc1.1': stateAt(1) };
    mergeVectors(merge, current, { 'dc1.1': stateAt(2), 'dc2.1': stateAt(5) });
    expect(current).toEqual({ 'dc1.1': stateAt(1) });
  });

  it('keeps the state of an equal version', () => {
    const current: Vector = { 'dc1.1': { version: 3, state: { like: 3 } } };
    const same: Vector = { 'dc1.1': { version: 3, state: { like: 99 } } };
    expect(mergeVectors(merge, current, same)).toBe(current);
  });

  it('merges two states of one origin by the given merge', () => {
    const both = { version: 7, state: 'both' };
    const one: Vector = { 'dc1.1': stateAt(1), 'dc2.1': stateAt(1) };
    const merged = mergeVectors(() => both, one, { 'dc1.1': stateAt(0), 'dc3.1': stateAt(4) });
    expect(merged).toEqual({ 'dc1.1': both, 'dc2.1': stateAt(1), 'dc3.1': stateAt(4) });
  });
});

describe('mergeFeeds', () => {
  it('merges each feed as its vectors are merged, unknown types too', () => {
    fc.assert(
      fc.property(someFeeds, someFeeds, (one, other) => {
        const merged = mergeFeeds(mergeOf, one, other);
        const types = new Set([...Object.keys(one), ...Object.keys(other)]);
        expect(new Set(Object.keys(merged))).toEqual(types);
        for (const type of types) {
          const expected = mergeVectors(mergeOf(type), one[type] ?? {}, other[type] ?? {});
          expect(merged[type]).toEqual(expected);
        }
      }),
    );
  });

  it('returns the same object if nothing is newer', () => {
    fc.assert(
      fc.property(someFeeds, someFeeds, (one, other) => {
        const merged = mergeFeeds(mergeOf, one, other);
        expect(mergeFeeds(mergeOf, merged, one)).toEqual(merged);
        expect(mergeFeeds(mergeOf, merged, merged)).toBe(merged);
      }),
    );
    const given = { likes: { 'dc1.1': stateAt(2) } };
    expect(mergeFeeds(mergeOf, given, { likes: { 'dc1.1': stateAt(1) } })).toBe(given);
  });
});

describe('newest', () => {
  it('prefers a newer version, and of equal versions the first', () => {
    const [one, other] = [stateAt(1), stateAt(1)];
    expect(newest(stateAt(0), one)).toBe(one);
    expect(newest(one, stateAt(0))).toBe(one);
    expect(newest(one, other)).toBe(one);
  });
});

describe('saved states', () => {
  const of = { channel: 'video:1', origin: 'dc1.1' };
  const states: State[] = [
    { ...of, type: 'likes', ...stateAt(4), lookUpUntil: 7 },
    { ...of, type: 'likes', origin: 'dc2.1', ...stateAt(0) },
    { ...of, type: 'poll-votes', ...stateAt(1) },
  ];

  it('of one feed are a vector, each under its origin', () => {
    const vectorOf = toVector(states.slice(0, 2));
    expect(vectorOf).toEqual({ 'dc1.1': { ...stateAt(4), lookUpUntil: 7 }, 'dc2.1': stateAt(0) });
    expect([...versionsOf(vectorOf)]).toEqual([
      ['dc1.1', 4],
      ['dc2.1', 0],
    ]);
  });

  it('of one channel are feeds, each under its type', () => {
    expect(toFeeds(states)).toEqual({
      likes: { 'dc1.1': { ...stateAt(4), lookUpUntil: 7 }, 'dc2.1': stateAt(0) },
      'poll-votes': { 'dc1.1': stateAt(1) },
    });
    expect(toFeeds([])).toEqual({});
  });
});

describe('the shape of vectors and feeds', () => {
  it('accepts all of them unchanged', () => {
    fc.assert(
      fc.property(someFeeds, (of) => {
        expect(feeds.parse(JSON.parse(JSON.stringify(of)))).toEqual(of);
      }),
    );
  });

  it('refuses versions that are no integers, and what is no state', () => {
    expect(vector.safeParse({ 'dc1.1': { version: 1.5, state: {} } }).success).toBe(false);
    expect(vector.safeParse({ 'dc1.1': null }).success).toBe(false);
    expect(feeds.safeParse({ likes: { version: 1, state: {} } }).success).toBe(false);
  });
});
