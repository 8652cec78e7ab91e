import fc from 'fast-check';
import '../fixtures/same-runs';
import {
  countsOf,
  isNewer,
  mergeVectors,
  type State,
  toVector,
  type Vector,
  vector,
} from '../../schemas/state';
import { stateAt, vectors } from './arbitraries';

describe('mergeVectors', () => {
  it('is commutative', () => {
    fc.assert(
      fc.property(vectors, vectors, (one, other) => {
        expect(mergeVectors(one, other)).toEqual(mergeVectors(other, one));
      }),
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, (a, b, c) => {
        expect(mergeVectors(mergeVectors(a, b), c)).toEqual(mergeVectors(a, mergeVectors(b, c)));
      }),
    );
  });

  it('returns the same object if nothing is newer', () => {
    fc.assert(
      fc.property(vectors, vectors, (one, other) => {
        const merged = mergeVectors(one, other);
        expect(mergeVectors(merged, other)).toBe(merged);
        expect(mergeVectors(merged, one)).toBe(merged);
      }),
    );
  });

  it('keeps the newest version of each origin', () => {
    fc.assert(
      fc.property(vectors, vectors, (one, other) => {
        const merged = mergeVectors(one, other);
        for (const origin of new Set([...Object.keys(one), ...Object.keys(other)])) {
          const newest = Math.max(one[origin]?.version ?? -1, other[origin]?.version ?? -1);
          expect(merged[origin]).toEqual(stateAt(newest));
        }
        const known = new Set([...Object.keys(one), ...Object.keys(other)]);
        expect(new Set(Object.keys(merged))).toEqual(known);
      }),
    );
  });

  it('does not change its arguments', () => {
    const current: Vector = { 'dc1.1': stateAt(1) };
    mergeVectors(current, { 'dc1.1': stateAt(2), 'dc2.1': stateAt(5) });
    expect(current).toEqual({ 'dc1.1': stateAt(1) });
  });

  it('keeps the counts of an equal version', () => {
    const current: Vector = { 'dc1.1': { version: 3, counts: { like: 3 } } };
    const same: Vector = { 'dc1.1': { version: 3, counts: { like: 99 } } };
    expect(mergeVectors(current, same)).toBe(current);
  });
});

describe('isNewer', () => {
  it('prefers version 0 to none, and no version to itself', () => {
    expect(isNewer(stateAt(0), undefined)).toBe(true);
    expect(isNewer(stateAt(1), stateAt(0))).toBe(true);
    expect(isNewer(stateAt(0), stateAt(0))).toBe(false);
    expect(isNewer(stateAt(0), stateAt(1))).toBe(false);
  });
});

describe('countsOf', () => {
  it('sums the origins by reaction', () => {
    const of: Vector = {
      'dc1.1': { version: 9, counts: { like: 2, love: 1 } },
      'dc1.2': { version: 0, counts: { like: 5 } },
      'dc2.1': { version: 4, counts: { funny: 7 } },
    };
    expect(countsOf(of)).toEqual({ like: 7, love: 1, funny: 7 });
    expect(countsOf({})).toEqual({});
  });
});

describe('toVector', () => {
  it('has each state under its origin', () => {
    const states: State[] = [
      { channel: 'video:1', origin: 'dc1.1', ...stateAt(4) },
      { channel: 'video:1', origin: 'dc2.1', ...stateAt(0) },
    ];
    expect(toVector(states)).toEqual({ 'dc1.1': stateAt(4), 'dc2.1': stateAt(0) });
  });
});

describe('the shape of a vector', () => {
  it('accepts every vector unchanged', () => {
    fc.assert(
      fc.property(vectors, (of) => {
        expect(vector.parse(JSON.parse(JSON.stringify(of)))).toEqual(of);
      }),
    );
  });

  it('refuses versions and counts that are no integers', () => {
    expect(vector.safeParse({ 'dc1.1': { version: 1.5, counts: {} } }).success).toBe(false);
    expect(vector.safeParse({ 'dc1.1': { version: 1, counts: { like: '1' } } }).success).toBe(
      false,
    );
    expect(vector.safeParse({ 'dc1.1': null }).success).toBe(false);
  });
});
