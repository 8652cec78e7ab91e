import { powerLaw } from '../../../tools/bench/fit';

test('a power law is found again, with its exponent and its factor', () => {
  const fit = powerLaw([1, 2, 4, 8].map((at) => [at, 3 * at ** 0.7] as const));
  expect(fit?.exponent).toBeCloseTo(0.7, 10);
  expect(fit?.factor).toBeCloseTo(3, 10);
  expect(fit?.r2).toBeCloseTo(1, 10);
});

test('constant values have the exponent 0', () => {
  expect(powerLaw([10, 100, 1_000].map((at) => [at, 5] as const))?.exponent).toBe(0);
});

test('points without a logarithm are left out', () => {
  const fit = powerLaw([
    [0, 7],
    [1, 0],
    [1, 2],
    [10, 20],
  ]);
  expect(fit?.exponent).toBeCloseTo(1, 10);
});

test('scattered points have a lower r2', () => {
  const fit = powerLaw([
    [1, 1],
    [2, 5],
    [4, 2],
    [8, 9],
  ]);
  expect(fit?.r2).toBeLessThan(0.9);
});

test('one point has no fit', () => {
  expect(powerLaw([[3, 4]])).toBeUndefined();
});
