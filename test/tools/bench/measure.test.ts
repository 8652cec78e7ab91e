import { type Reading, sharesOf } from '../../../tools/bench/crowd';
import type { Counts } from '../../../tools/bench/marks';
import { median, windowBetween } from '../../../tools/bench/measure';
import { Histogram } from '../../../tools/load/histogram';

const NOTHING: Counts = {
  at: 0,
  cpu: 0,
  open: 0,
  opened: 0,
  closed: 0,
  failed: 0,
  refused: 0,
  byes: 0,
  frames: 0,
  likes: 0,
  comments: 0,
  bytes: 0,
  snapshots: 0,
  broken: 0,
  unreadable: 0,
  snapshotsAfterResume: 0,
  posts: 0,
  answered: 0,
  postsRefused: 0,
  late: 0,
  unsent: 0,
  postersOpened: 0,
  posted: 0,
};

function reading(counts: Partial<Counts>, ...latencies: number[]): Reading {
  const [latency, oldest, answers] = [new Histogram(), new Histogram(), new Histogram()];
  for (const us of latencies) latency.record(us);
  for (const us of latencies) oldest.record(us * 2);
  const commentAges = new Histogram();
  for (const us of latencies) commentAges.record(us * 3);
  return { ...NOTHING, ...counts, latency, oldest, commentAges, answers, accepted: answers };
}

test('a window has the differences of two moments, and the latency of the later one', () => {
  const from = { at: 0, cpu: 10, machine: 100, reading: reading({ frames: 5, cpu: 1 }, 9_000_000) };
  const now = reading({ frames: 1_005, likes: 2_000, comments: 50, cpu: 2 }, 100, 200, 250);
  const to = { at: 2_000, cpu: 10.5, machine: 102, reading: now };
  const window = windowBetween(from, to);
  expect(window).toMatchObject({
    seconds: 2,
    frames: 1_000,
    framesPerSecond: 500,
    likesPerSecond: 1_000,
    comments: 50,
    cpuUsAFrame: 500,
    cores: 0.25,
    clientCores: 0.5,
    elsewhereCores: 0.25,
  });
  expect(window.p50Ms).toBeCloseTo(0.2, 5);
  expect(window.oldestP90Ms).toBeCloseTo(0.5, 5);
  expect(window.commentP50Ms).toBeCloseTo(0.6, 2);
});

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect([median([3, 100, 1]), median([4, 1, 2, 3]), median([7])]).toEqual([3, 2.5, 7]);
});

test('no process of the load client has more viewers than descriptors', () => {
  expect(sharesOf(0)).toEqual([]);
  expect(sharesOf(18_000)).toEqual([{ from: 0, count: 18_000 }]);
  const shares = sharesOf(100_000);
  expect(Math.max(...shares.map(({ count }) => count))).toBeLessThanOrEqual(18_000);
  expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
});
