import {
  hasRefused,
  type Refusal,
  refusalsOf,
  type TailLost,
} from '../../../tools/chaos/tail-lost';

const LOUD: Refusal = {
  who: 'dispatcher 0, running',
  after: 1.23,
  isStopped: true,
  line: 'likes has lost 400 records',
};
const SILENT: Refusal = { ...LOUD, who: 'dispatcher 1, running', isStopped: false, line: '' };

function outcome(refusals: readonly Refusal[], lost = 400): TailLost {
  return { lost, answered: 800, total: 400, refusals };
}

test('the loss is handled if every dispatcher stops and logs the reason', () => {
  expect(hasRefused(outcome([LOUD, LOUD]))).toBe(true);
  expect(hasRefused(outcome([LOUD, SILENT]))).toBe(false);
  expect(hasRefused(outcome([{ ...LOUD, line: '' }]))).toBe(false);
  expect(hasRefused(outcome([{ ...LOUD, isStopped: false }]))).toBe(false);
});

test('a run in which the log lost nothing does not count', () => {
  expect(hasRefused(outcome([LOUD], 0))).toBe(false);
});

test('the table has each dispatcher and its seconds, then each line once', () => {
  const lines = refusalsOf(outcome([LOUD, SILENT])).split('\n');
  expect(lines[1]).toMatch(/^dispatcher 0, running +1\.2 s +stopped +yes$/);
  expect(lines[2]).toMatch(/^dispatcher 1, running +1\.2 s +still runs +NO$/);
  expect(lines.filter((line) => line === LOUD.line)).toHaveLength(1);
  expect(lines.at(-1)).toBe('NOT refused: it continued without a word');
  expect(
    refusalsOf(outcome([LOUD]))
      .split('\n')
      .at(-1),
  ).toBe('refused with a reason');
});
