import { hasHeld, type Struck, tableOf } from '../../../tools/chaos/record';

function struck(more: Partial<Struck> = {}): Struck {
  return {
    fault: 'redis emptied',
    outage: 1,
    flowing: 2,
    back: 0.5,
    recovered: true,
    brokenEvents: 0,
    beside: { answered: 0, unsure: 0 },
    wrong: [],
    ends: [],
    ...more,
  };
}

test('a fault held if likes flowed again in time and nothing was wrong', () => {
  expect(hasHeld(struck())).toBe(true);
  expect(hasHeld(struck({ recovered: false }))).toBe(false);
  expect(hasHeld(struck({ brokenEvents: 1 }))).toBe(false);
  expect(hasHeld(struck({ wrong: ['12 rows, GET has 13'] }))).toBe(false);
});

test('one line per kind of fault: times, seconds, and whether all of them held', () => {
  const table = tableOf([
    struck({ outage: 1, flowing: 4, back: 0.25 }),
    struck({ fault: 'producer killed', outage: 3.04, flowing: 1, back: 1 }),
    struck({ outage: 2, flowing: 5, back: 0.5, recovered: false }),
    struck({ outage: 9, flowing: 6, back: 0.75, wrong: ['12 rows, GET has 13'] }),
  ]);
  expect(table.split('\n').map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
    ['fault', 'times', 'outage', 'likes flow after', 'after restart', 'held'],
    ['producer killed', '1', '3.0 (3.0)', '1.0 (1.0)', '1.0 (1.0)', 'yes'],
    ['redis emptied', '3', '2.0 (9.0)', '5.0 (6.0)', '0.5 (0.8)', 'NO, 2 did not'],
    ['seconds: median (worst)'],
  ]);
});

test('the columns of all lines are aligned', () => {
  const lines = tableOf([struck(), struck({ fault: 'a fault with a far longer name' })]).split(
    '\n',
  );
  const [head = '', ...rows] = lines.slice(0, -1);
  for (const row of rows) expect(row.indexOf('yes')).toBe(head.indexOf('held'));
});

test('a run without faults has only a head', () => {
  expect(tableOf([]).split('\n')).toHaveLength(2);
});
