import type { DrainState } from '../../adapters/cassandra/drain-records';
import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { mirroredUpdates, planGeneration } from '../../app/generations';
import { Names } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';

function log(origin: string, partitions = 8, state?: DrainState): KnownLog {
  return { origin, partitions, state };
}

function plan(
  generation: number,
  logs: KnownLog[],
  more: { partitions?: number; peers?: string[]; serves?: boolean } = {},
) {
  return planGeneration({ datacenter: 'dc1', generation, peers: [], serves: true, ...more }, logs);
}

describe('the number of partitions', () => {
  it('is that of the setting for a new log, else the default', () => {
    expect(plan(1, []).partitions).toBe(PARTITIONS);
    expect(plan(1, [], { partitions: 12 }).partitions).toBe(12);
  });

  it('is the recorded one for a log that exists', () => {
    expect(plan(1, [log('dc1.1', 12)]).partitions).toBe(12);
    expect(() => plan(1, [log('dc1.1', 12)], { partitions: 24 })).toThrow(/npm run drain/);
  });

  it('is that of the log before, or of another datacenter, without a setting', () => {
    const drained = log('dc1.1', 12, 'drained');
    expect(plan(2, [drained]).partitions).toBe(12);
    expect(plan(2, [drained], { partitions: 24 }).partitions).toBe(24);
    expect(plan(1, [log('dc2.1', 16)], { peers: ['dc2'] }).partitions).toBe(16);
  });

  it('must be the same in all datacenters that are in service', () => {
    const logs = [log('dc1.1', 8, 'drained'), log('dc2.1', 8)];
    const wanted = { partitions: 24, peers: ['dc2'] };
    expect(() => plan(2, logs, wanted)).toThrow(/Drain dc2 as well/);
    const both = [log('dc1.1', 8, 'drained'), log('dc2.1', 8, 'drained')];
    expect(plan(2, both, wanted)).toMatchObject({ partitions: 24, peers: ['dc2.2'] });
  });
});

describe("the updates that are read are those of a peer's", () => {
  it.each<[string, KnownLog[], string[]]>([
    ['first and second log, before it has begun', [], ['dc2.1', 'dc2.2']],
    ['log, and the next one in advance', [log('dc2.1')], ['dc2.1', 'dc2.2']],
    ['earlier logs, too', [log('dc2.1', 8, 'drained'), log('dc2.2')], ['dc2.1', 'dc2.2', 'dc2.3']],
    ['next log once it is drained', [log('dc2.1', 8, 'drained')], ['dc2.1', 'dc2.2']],
    [
      'logs with as many partitions',
      [log('dc2.1', 4, 'drained'), log('dc2.2')],
      ['dc2.2', 'dc2.3'],
    ],
    ['logs in the order of numbers', [log('dc2.10'), log('dc2.9')], ['dc2.9', 'dc2.10', 'dc2.11']],
  ])('%s', (_, theirs, origins) => {
    expect(plan(1, [log('dc1.1'), ...theirs], { peers: ['dc2'] }).peers).toEqual(origins);
  });
});

it("updates of a peer's log are in a mirrored topic an event type", () => {
  const names = new Names('other');
  expect(mirroredUpdates(names, 'dc2.1', 'likes')).toBe('dc2.other.updates.likes');
  expect(mirroredUpdates(names, 'dc2.3', 'votes')).toBe('dc2.other.updates.votes.3');
});

describe('a process is refused', () => {
  it.each<[string, number, KnownLog[], RegExp]>([
    ['drained and followed', 1, [log('dc1.1', 8, 'drained'), log('dc1.2')], /LOG_GENERATION=2/],
    ['recounted', 1, [log('dc1.1', 8, 'recounted')], /LOG_GENERATION=2/],
    ['lost', 1, [log('dc1.1', 8, 'lost')], /LOG_GENERATION=2/],
    ['being recounted', 2, [log('dc1.1', 8, 'recounting')], /npm run recount/],
    ['early, during a drain', 2, [log('dc1.1', 8, 'draining')], /has ended/],
    ['early, before a drain', 2, [log('dc1.1')], /npm run drain.*LOG_GENERATION=1.*--log-lost/],
    ['early, after an undone drain', 2, [log('dc1.1', 8, 'serving')], /npm run drain/],
    ['two early', 3, [log('dc1.1', 8, 'drained'), log('dc1.2')], /LOG_GENERATION=2/],
  ])('if its log is %s', (_, generation, logs, advice) => {
    expect(() => plan(generation, logs)).toThrow(advice);
    const frontend = plan(generation, logs, { serves: false });
    expect(frontend).toMatchObject({ isInService: false, peers: [] });
  });

  it('but not if its log is still draining, or drained without a successor', () => {
    for (const state of ['draining', 'drained', 'serving'] as const) {
      expect(plan(1, [log('dc1.1', 8, state)])).toMatchObject({ partitions: 8, isInService: true });
    }
  });

  it.each<DrainState>(['drained', 'lost', 'recounted'])(
    'and not after a log that is %s',
    (state) => {
      expect(plan(2, [log('dc1.1', 8, state)]).isInService).toBe(true);
    },
  );
});

it('a process with viewers only is not refused for a number of partitions', () => {
  const logs = [log('dc1.1', 8, 'drained'), log('dc2.1', 8, 'drained'), log('dc2.2', 24)];
  const frontend = { partitions: 24, peers: ['dc2'], serves: false };
  expect(plan(1, logs, frontend)).toMatchObject({ partitions: 8, peers: [] });
});
