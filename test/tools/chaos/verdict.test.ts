import type { Struck } from '../../../tools/chaos/record';
import { isExact, type Outcome, verdictOf } from '../../../tools/chaos/verdict';
import { resultOf } from '../../../tools/load/result';
import { Tally } from '../../../tools/load/tally';

const REACTIONS = { like: 2, love: 1 };

const HELD: Struck = {
  fault: 'producer killed',
  outage: 1,
  flowing: 1,
  back: 1,
  recovered: true,
  brokenEvents: 0,
  beside: { answered: 3, unsure: 1 },
  wrong: [],
  ends: [],
};

function outcome(more: Partial<Outcome> = {}, tally = new Tally()): Outcome {
  const verdict = {
    ...{ exact: true, exactViewers: 5, viewers: 5, total: 3, reactions: REACTIONS },
    ...{ settledMs: 1, offenders: [] },
  };
  const timing = {
    ...{ seated: 5, connectMs: 1, postingFrom: 0, postingTo: 1, cores: 0, interrupted: false },
  };
  const load = resultOf({ video: 'a', videos: 1, tally, timing, verdict });
  return { struck: [HELD], load, rows: { total: 3, reactions: REACTIONS }, broken: [], ...more };
}

test('a run is exact if rows, GET and viewers have the same counts, and all faults held', () => {
  expect(isExact(outcome())).toBe(true);
  expect(verdictOf(outcome()).split('\n').at(-1)).toBe('exact');
});

test('the order of reactions, and an unused reaction, do not matter', () => {
  const rows = { total: 3, reactions: { funny: 0, love: 1, like: 2 } };
  expect(isExact(outcome({ rows }))).toBe(true);
});

test.each<[string, Partial<Outcome>]>([
  ['another total in the rows', { rows: { total: 4, reactions: REACTIONS } }],
  [
    'other reactions in the rows though the totals agree',
    { rows: { total: 3, reactions: { like: 1, love: 2 } } },
  ],
  ['a probe that is off', { broken: ['its rows and viewers differ'] }],
  ['a fault that did not recover', { struck: [HELD, { ...HELD, recovered: false }] }],
  ['a fault whose own load is off', { struck: [{ ...HELD, wrong: ['9 rows, GET has 10'] }] }],
])('a run is not exact with %s', (_, more) => {
  expect(isExact(outcome(more))).toBe(false);
  expect(verdictOf(outcome(more)).split('\n').at(-1)).toBe('NOT exact');
});

test.each(['notAddingUp', 'stepsBack', 'unreadable'] as const)(
  'a run is not exact with viewers that count %s',
  (key) => {
    const tally = new Tally();
    tally[key] = 1;
    expect(isExact(outcome({}, tally))).toBe(false);
  },
);

test('lists the faults that did not hold and the processes that ended, each line once', () => {
  const ends = [
    { role: 'dispatcher', code: 1, line: 'the group has another assigner' },
    { role: 'dispatcher', code: 1, line: 'the group has another assigner' },
  ];
  const lines = verdictOf(
    outcome({
      struck: [
        { ...HELD, ends },
        { ...HELD, wrong: ['9 rows, GET has 10'] },
      ],
    }),
  ).split('\n');
  expect(lines).toContain('2 faults, 1 held; 0 likes answered, 0 with no answer');
  expect(lines).toContain('beside, on videos of single faults: 6 answered, 2 not');
  const ended = 'producer killed: dispatcher ended with 1: the group has another assigner';
  expect(lines.filter((line) => line === ended)).toHaveLength(1);
  expect(lines).toContain('producer killed: 9 rows, GET has 10');
});
