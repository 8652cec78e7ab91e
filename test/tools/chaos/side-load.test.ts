import { type Compared, countsOf, differences } from '../../../tools/chaos/side-load';

const ROWS = new Map([
  ['a', 'like'],
  ['b', 'love'],
  ['c', 'like'],
]);
const RIGHT = { total: 3, reactions: { like: 2, love: 1 } };

function compared(more: Partial<Compared> = {}): Compared {
  return {
    video: 'v',
    answered: new Set(['a', 'b', 'c']),
    unsure: new Set(),
    rows: ROWS,
    gets: [RIGHT],
    viewers: [RIGHT, RIGHT],
    ...more,
  };
}

test('rows add up to a total and a count of each reaction', () => {
  expect(countsOf(ROWS)).toEqual(RIGHT);
  expect(countsOf(new Map())).toEqual({ total: 0, reactions: {} });
});

test('answered likes, rows, GET and viewers that are equal give no difference', () => {
  expect(differences(compared())).toEqual([]);
});

test('a like without an answer may have a row or not', () => {
  const answered = new Set(['a', 'b']);
  expect(differences(compared({ answered, unsure: new Set(['c', 'd']) }))).toEqual([]);
});

test.each<[string, Partial<Compared>, string]>([
  [
    'an answered like without a row',
    { answered: new Set(['a', 'b', 'c', 'd']) },
    'v: 1 of 4 answered likes have no row',
  ],
  [
    'a row of a like that was refused',
    { answered: new Set(['a', 'b']) },
    'v: 1 rows of likes that were refused',
  ],
  [
    'a GET that counted one twice',
    { gets: [RIGHT, { total: 4, reactions: { like: 3, love: 1 } }] },
    'v: 3 rows (3 answered, 0 without an answer), GET 1 has 4',
  ],
  [
    'a viewer that is behind',
    { viewers: [RIGHT, { total: 2, reactions: { like: 2 } }] },
    'v: 3 rows (3 answered, 0 without an answer), viewer 1 has 2',
  ],
  [
    'a viewer with the right total and wrong reactions',
    { viewers: [{ total: 3, reactions: { like: 1, love: 2 } }] },
    'v: rows have {"like":2,"love":1}, viewer 0 has {"like":1,"love":2}',
  ],
])('names %s', (_, more, expected) => {
  expect(differences(compared(more))).toContain(expected);
});

test('reactions are not compared if the site says so', () => {
  const viewers = [{ total: 3, reactions: { like: 1, love: 2 } }];
  expect(differences(compared({ viewers, comparesReactions: false }))).toEqual([]);
});
