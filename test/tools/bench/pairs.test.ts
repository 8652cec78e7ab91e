import { comparisonOf, inPairs, type Pair, quartilesOf } from '../../../tools/bench/pairs';

test('every second pair begins with the other side, and each value stays on its side', async () => {
  const order: string[] = [];
  const side = (name: string) => async () => {
    order.push(name);
    return `${name}${order.length}`;
  };
  const pairs = await inPairs(4, [side('A'), side('B')]);
  expect(order.join('')).toBe('ABBAABBA');
  expect(pairs).toEqual([
    ['A1', 'B2'],
    ['A4', 'B3'],
    ['A5', 'B6'],
    ['A8', 'B7'],
  ]);
});

test.each([
  [[7], { p25: 7, p50: 7, p75: 7 }],
  [[2, 1], { p25: 1.25, p50: 1.5, p75: 1.75 }],
  [[5, 1, 4, 2, 3], { p25: 2, p50: 3, p75: 4 }],
  [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], { p25: 3.25, p50: 5.5, p75: 7.75 }],
])('quartiles of %j', (values, quartiles) => {
  expect(quartilesOf(values)).toEqual(quartiles);
});

test('the ratio is the median of the pairs, not the ratio of the medians', () => {
  // The machine becomes slower, but in each pair our value is 0.9 of theirs.
  const slowing: Pair<number>[] = [
    [9, 10],
    [18, 20],
    [90, 100],
  ];
  const { ours, ratio, theirs } = comparisonOf(slowing);
  expect([ours, theirs]).toEqual([18, 20]);
  for (const value of Object.values(ratio)) expect(value).toBeCloseTo(0.9, 12);
  const crossed: Pair<number>[] = [
    [1, 2],
    [2, 1],
    [3, 1],
  ];
  expect(comparisonOf(crossed)).toEqual({
    ratio: { p25: 1.25, p50: 2, p75: 2.5 },
    ours: 2,
    theirs: 1,
  });
});

test.each([[[[0, 1]]], [[[1, 0]]], [[[Number.NaN, 1]]], [[]]] as Pair<number>[][][])(
  'a figure that is missing is an error, not a ratio: %j',
  (pairs) => {
    expect(() => comparisonOf(pairs)).toThrow();
  },
);
