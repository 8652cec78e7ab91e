import { type Claim, judge } from '../../../tools/load/exactness';
import { areSameReactions, sumOfReactions } from '../../../tools/load/messages';
import { Tally } from '../../../tools/load/tally';
import { Viewer } from '../../../tools/load/viewer';

const VIDEO = 'a';
const RIGHT = { total: 3, reactions: { like: 2, love: 1 } };

function viewer(total: number, reactions: Readonly<Record<string, number>>): Viewer {
  const one = new Viewer(0, VIDEO, undefined, {
    endpoints: [],
    token: undefined,
    tally: new Tally(),
  });
  one.total = total;
  one.reactions = reactions;
  return one;
}

function verdictOn(viewers: readonly Viewer[]) {
  const ledgers = [{ video: VIDEO, atStart: 0, taken: 3, unknown: 0 }];
  const claim: Claim = { ledgers, viewers, watchingOnly: false };
  return judge(claim, new Map([[VIDEO, RIGHT]]), undefined, 0);
}

test('viewers with the total and each reaction of GET are exact', () => {
  const verdict = verdictOn([viewer(3, { love: 1, like: 2 }), viewer(3, { ...RIGHT.reactions })]);
  expect(verdict).toMatchObject({ exact: true, exactViewers: 2, ...RIGHT, offenders: [] });
});

test('a viewer with the right total and a wrong reaction is not exact, and is reported', () => {
  const verdict = verdictOn([viewer(3, RIGHT.reactions), viewer(3, { like: 1, love: 2 })]);
  expect(verdict).toMatchObject({ exact: false, exactViewers: 1 });
  expect(verdict.offenders).toEqual([
    'viewer 0 of a: has 3 {"like":1,"love":2}, not connected; GET has 3 {"like":2,"love":1}',
  ]);
});

test('a missing reaction counts 0', () => {
  expect(areSameReactions({ like: 1, love: 0 }, { like: 1 })).toBe(true);
  expect(areSameReactions({ like: 1, love: 1 }, { like: 1 })).toBe(false);
  expect(areSameReactions({}, {})).toBe(true);
});

test('counts of several videos add up by reaction', () => {
  expect(sumOfReactions([{ like: 1 }, { like: 2, love: 1 }, {}])).toEqual({ like: 3, love: 1 });
});
