import type { DrainState } from '../../../adapters/cassandra/drain-records';
import type { KnownLog } from '../../../adapters/cassandra/known-logs';
import { planRecount } from '../../../tools/recount/plan';

function log(origin: string, state?: DrainState): KnownLog {
  return { origin, partitions: 24, state };
}

const LOGS = [
  log('dc1.1', 'recounted'),
  log('dc1.2', 'drained'),
  log('dc1.3'),
  log('dc2.1', 'drained'),
  log('dc2.2', 'draining'),
];

const targetsOf = (...args: Parameters<typeof planRecount>) =>
  planRecount(...args).targets.map(({ origin }) => origin);

test('the frozen logs of the datacenter are recounted, and no other one', () => {
  expect(targetsOf(LOGS, 'dc1', undefined)).toEqual(['dc1.1', 'dc1.2']);
  expect(targetsOf(LOGS, 'dc2', undefined)).toEqual(['dc2.1']);
  const { isLive } = planRecount(LOGS, 'dc1', undefined);
  expect(LOGS.filter(({ origin }) => isLive(origin)).map(({ origin }) => origin)).toEqual([
    'dc1.3',
    'dc2.2',
  ]);
});

test('a log that has lost records is recounted without a drain if the operator says so', () => {
  expect(targetsOf(LOGS, 'dc1', 'newest')).toEqual(['dc1.1', 'dc1.2', 'dc1.3']);
  expect(planRecount(LOGS, 'dc1', 3).lost?.origin).toBe('dc1.3');
  expect(planRecount(LOGS, 'dc1', 'newest').isLive('dc1.3')).toBe(false);
  expect(planRecount(LOGS, 'dc1', 2).lost).toBeUndefined();
  expect(() => planRecount(LOGS, 'dc1', 4)).toThrow(/--log-lost/);
});

test('if no log is frozen, the error says what to do', () => {
  expect(() => planRecount([log('dc1.1')], 'dc1', undefined)).toThrow(/npm run drain/);
});
