import { PeerReports } from '../../../dispatchers/moments/peer-reports';
import type { Report } from '../../../schemas/delivery';
import { VirtualClock } from '../../simulation/virtual-clock';
import { peerValue, types, wave } from './parts';

function use() {
  const clock = new VirtualClock();
  const calls: [string, readonly Report[]][] = [];
  const trouble = { isUnavailable: false };
  const reports = new PeerReports({
    types,
    clock,
    leased: {
      report: async (contributor, _beat, some) => {
        if (trouble.isUnavailable) throw new Error('unavailable');
        calls.push([contributor, some]);
        return new Map();
      },
    },
  });
  return { calls, clock, reports, trouble };
}

const report = { channel: 'video:1', type: 'watching', seen: 0 };

test('values of a peer are reports of one contributor, numbered by their offsets', async () => {
  const { calls, reports } = use();
  await reports.report('dc2', [peerValue(3), peerValue(4, { channel: 'video:2', offset: 41 })]);
  const second = { ...report, channel: 'video:2', number: 41, value: 4 };
  expect(calls).toEqual([['dc:dc2', [{ ...report, number: 40, value: 3 }, second]]]);
});

test('of one feed only the newest value is reported, and none if it has none', async () => {
  const { calls, reports } = use();
  const end = peerValue(undefined, { version: 8, offset: 42 });
  await reports.report('dc2', [peerValue(3), end]);
  expect(calls).toEqual([['dc:dc2', [{ ...report, number: 42 }]]]);
});

test('a lower version of the same life is dropped, also in a later call', async () => {
  const { calls, reports } = use();
  await reports.report('dc2', [peerValue(3), peerValue(2, { version: 6, offset: 41 })]);
  await reports.report('dc2', [peerValue(1, { version: 5, offset: 43 })]);
  expect(calls).toEqual([['dc:dc2', [{ ...report, number: 40, value: 3 }]]]);
  // A repetition, and the first version after the peer's Redis began anew.
  await reports.report('dc2', [peerValue(3, { offset: 50 })]);
  await reports.report('dc2', [peerValue(9, { version: 1, life: 'b', offset: 51 })]);
  expect(calls.slice(1).flatMap(([, some]) => some.map(({ value }) => value))).toEqual([3, 9]);
});

test('records of other types, kinds and shapes are dropped', async () => {
  const { calls, reports } = use();
  const noVersion = peerValue(1, { version: undefined });
  const otherKind = peerValue(1, { channel: 'member:1' });
  await reports.report('dc2', [wave(1), peerValue('many'), noVersion, otherKind]);
  expect(calls).toEqual([]);
});

test('many values are reported in parts; a failure rejects', async () => {
  const { calls, reports, trouble } = use();
  const many = Array.from({ length: 450 }, (_, at) => peerValue(at, { channel: `video:${at}` }));
  await reports.report('dc2', many);
  expect(calls.map(([, some]) => some.length)).toEqual([200, 200, 50]);
  trouble.isUnavailable = true;
  await expect(reports.report('dc2', [peerValue(5, { version: 9 })])).rejects.toThrow(
    'unavailable',
  );
});

test('reports that have failed come with the next ones, the newest of each feed', async () => {
  const { calls, reports, trouble } = use();
  trouble.isUnavailable = true;
  const second = peerValue(4, { channel: 'video:2', offset: 41 });
  await expect(reports.report('dc2', [peerValue(3), second])).rejects.toThrow('unavailable');
  trouble.isUnavailable = false;
  await reports.report('dc2', [peerValue(5, { version: 8, offset: 42 })]);
  await reports.report('dc2', []);
  expect(calls.flatMap(([, some]) => some.map(({ value }) => value))).toEqual([5, 4]);
});

test('a lower version counts once no older message can be on its way', async () => {
  const { calls, clock, reports } = use();
  await reports.report('dc2', [peerValue(3)]);
  await clock.advance(5_000);
  // The peer's Redis was replaced by an older copy.
  await reports.report('dc2', [peerValue(2, { version: 6, offset: 50 })]);
  expect(calls.flatMap(([, some]) => some.map(({ value }) => value))).toEqual([3, 2]);
});

test('values are withdrawn by the position up to which none came', async () => {
  const { calls, clock, reports } = use();
  await reports.report('dc2', [peerValue(3)]);
  await clock.advance(500);
  const feed = { channel: 'video:1', type: 'watching' };
  expect(reports.heardAt('dc2', feed)).toBe(0);
  expect(reports.heardAt('dc3', feed)).toBe(Number.NEGATIVE_INFINITY);
  await reports.withdraw('dc2', [{ ...feed, offset: 77 }]);
  expect(calls.at(-1)).toEqual(['dc:dc2', [{ ...report, number: 77 }]]);
});
