import fc from 'fast-check';
import '../fixtures/same-runs';
import {
  estimate,
  MAX_SPARSE,
  NO_IDS,
  type Sketch,
  sketchText,
  union,
  withId,
} from '../../schemas/hyperloglog';

function sketchOf(ids: Iterable<string>): Sketch {
  let sketch = NO_IDS;
  for (const id of ids) sketch = withId(sketch, id);
  return sketch;
}

function* numbered(prefix: string, count: number): Generator<string> {
  for (let at = 0; at < count; at++) yield `${prefix}-${at}`;
}

/** The relative error of the estimate of `count` ids. */
function errorOf(prefix: string, count: number): number {
  return estimate(sketchOf(numbered(prefix, count))) / count - 1;
}

/** Sets of ids, sparse and dense ones. */
const idSets = fc
  .tuple(fc.nat({ max: 50 }), fc.constantFrom(0, 1, 10, 500, 1_000, 1_100, 3_000))
  .map(([from, count]) => Array.from({ length: count }, (_, at) => `member-${from * 20 + at}`));

describe('the estimate of a sketch', () => {
  it('is exact for very few ids', () => {
    expect([0, 1, 2, 10].map((count) => estimate(sketchOf(numbered('a', count))))).toEqual([
      0, 1, 2, 10,
    ]);
  });

  it.each([100, 1_000, 5_000, 20_000])('of %i ids has a standard error below 1 %%', (n) => {
    const errors = Array.from({ length: 12 }, (_, at) => errorOf(`set${at}`, n));
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(deviation).toBeLessThan(0.0125);
    const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(Math.abs(bias)).toBeLessThan(0.0075);
  });

  it('of a million ids is less than 2 % off', () => {
    expect(Math.abs(errorOf('million', 1_000_000))).toBeLessThan(0.02);
  });

  it('does not change if ids are added again', () => {
    const once = sketchOf(numbered('a', 3_000));
    expect(withId(once, 'a-17')).toBe(once);
  });
});

describe('a union', () => {
  it('is the sketch of all ids of both, in any order and however often', () => {
    fc.assert(
      fc.property(idSets, idSets, (one, other) => {
        const [a, b] = [sketchOf(one), sketchOf(other)];
        const both = sketchOf([...other, ...one]);
        expect(union(a, b)).toBe(both);
        expect(union(b, a)).toBe(both);
        expect(union(both, a)).toBe(both);
        expect(union(a, a)).toBe(a);
      }),
      { numRuns: 60 },
    );
  });

  it('with no ids is the other one', () => {
    const one = sketchOf(['ann']);
    expect([union(one, NO_IDS), union(NO_IDS, one)]).toEqual([one, one]);
  });
});

describe('the text of a sketch', () => {
  it('is short for few ids, and never longer than 16,384 characters', () => {
    expect(sketchOf(numbered('a', 10))).toHaveLength(40);
    for (const count of [0, 1, 900, 1_100, 5_000]) {
      const sketch = sketchOf(numbered('a', count));
      expect(sketch.length).toBeLessThanOrEqual(16_384);
      expect(sketchText.parse(sketch)).toBe(sketch);
      expect(JSON.stringify(sketch)).toHaveLength(sketch.length + 2);
    }
  });

  it('is refused with another length or other characters', () => {
    for (const text of ['abc', 'ab"d', 'a'.repeat(MAX_SPARSE * 4 + 4), 7]) {
      expect(sketchText.safeParse(text).success).toBe(false);
    }
  });
});
