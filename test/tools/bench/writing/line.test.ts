import { isMet, ratioTo } from '../../../../tools/bench/writing/line';

const bare = (...values: number[]) => ({ title: 'bare', values });

test('the ratio is the median of the ratios of the turns, not the ratio of the medians', () => {
  expect(ratioTo({ values: [10, 40, 90] }, bare(10, 20, 100))).toBe(1);
});

test('a turn without a figure of the other program has no ratio', () => {
  expect(ratioTo({ values: [10, 40] }, bare(10))).toBe(1);
  expect(ratioTo({ values: [10] }, bare(0))).toBeNaN();
  expect(ratioTo({ values: [10] }, bare())).toBeNaN();
});

test.each([
  ['without an aim', undefined, undefined],
  ['the least', { least: 20 }, true],
  ['less than the least', { least: 21 }, false],
  ['the most', { most: 20 }, true],
  ['more than the most', { most: 19 }, false],
  ['the ratio to the last program', { leastRatio: 2 }, true],
  ['a smaller ratio', { leastRatio: 2.1 }, false],
  ['one of two', { least: 20, leastRatio: 2.1 }, false],
])('medians are as they should be: %s', (_, aim, met) => {
  const line = { values: [10, 20, 30], beside: [bare(1, 1, 1), bare(10, 10, 10)] };
  expect(isMet({ ...line, ...(aim && { aim }) })).toBe(met);
});

test('a ratio is not met without a program beside it', () => {
  expect(isMet({ values: [1], beside: [], aim: { leastRatio: 0.1 } })).toBe(false);
});
