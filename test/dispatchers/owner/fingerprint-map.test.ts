import fc from 'fast-check';
import '../../fixtures/same-runs';
import { FingerprintMap } from '../../../dispatchers/owner/fingerprint-map';

/** Few halves, so that many fingerprints have one half in common. */
const key = fc.record({
  high: fc.integer({ min: -2, max: 2 }),
  low: fc.integer({ min: -2, max: 2 }),
});

const nameOf = ({ high, low }: { high: number; low: number }) => `${high} ${low}`;

describe('a map by fingerprint', () => {
  it('has the values that a map by both halves has', () => {
    const step = fc.record({ key, value: fc.nat(), isDeleted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new FingerprintMap<number>();
        const expected = new Map<string, number>();
        for (const { isDeleted, key: at, value } of steps) {
          if (isDeleted) map.delete(at);
          else map.set(at, value);
          if (isDeleted) expected.delete(nameOf(at));
          else expected.set(nameOf(at), value);
          expect([map.has(at), map.get(at)]).toEqual([!isDeleted, expected.get(nameOf(at))]);
        }
        expect(map.size).toBe(expected.size);
        expect(new Map([...map].map(([at, value]) => [nameOf(at), value]))).toEqual(expected);
      }),
    );
  });

  it('may lose items while it is read', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean())), (all) => {
        const map = new FingerprintMap<boolean>();
        for (const [at, isKept] of all) map.set(at, isKept);
        for (const [at, isKept] of map) if (!isKept) map.delete(at);
        expect([...map].every(([, isKept]) => isKept)).toBe(true);
      }),
    );
  });

  it('is empty once it is cleared', () => {
    const map = new FingerprintMap<number>();
    map.set({ high: 1, low: 2 }, 3);
    map.clear();
    expect([map.size, map.has({ high: 1, low: 2 }), [...map]]).toEqual([0, false, []]);
  });
});
