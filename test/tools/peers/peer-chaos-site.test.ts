import { rowDifferences } from '../../../tools/peers/peer-chaos-site';

const FIRST = new Map([
  ['a', 'like'],
  ['b', 'love'],
]);

test('the same rows in all datacenters give no difference', () => {
  expect(rowDifferences('v', [FIRST, new Map(FIRST), new Map(FIRST)], true)).toEqual([]);
});

test.each([
  ['a row that is missing', [['a', 'like']], 'datacenter 2 lacks 1 and has 0 others'],
  ['a row of its own', [...FIRST, ['c', 'like']], 'datacenter 2 lacks 0 and has 1 others'],
  [
    'another reaction',
    [
      ['a', 'like'],
      ['b', 'funny'],
    ],
    'datacenter 2 has 1 with another reaction',
  ],
] as const)('%s in another datacenter is named', (_, rows, expected) => {
  const all = [FIRST, new Map(rows as readonly (readonly [string, string])[])];
  expect(rowDifferences('v', all, true)).toEqual([`v: of 2 rows of datacenter 1, ${expected}`]);
});

test('another reaction is no difference if reactions are not compared', () => {
  const other = new Map(FIRST).set('b', 'funny');
  expect(rowDifferences('v', [FIRST, other], false)).toEqual([]);
});
