import type { Reading } from '../../../../tools/bench/crowd';
import type { Moment } from '../../../../tools/bench/measure';
import { postsBetween } from '../../../../tools/bench/writing/posts';
import { Histogram } from '../../../../tools/load/histogram';

function momentOf(at: number, cpu: number, counts: Partial<Reading>, answersUs: number[]): Moment {
  const answers = new Histogram();
  for (const us of answersUs) answers.record(us);
  const reading = { cpu: 0, posted: 0, postsRefused: 0, ...counts, answers } as Reading;
  return { at, cpu, machine: at / 1_000, reading };
}

test('posts of a window are the difference of two moments; answers are of the later one', () => {
  const from = momentOf(1_000, 1, { posted: 100, cpu: 1, postsRefused: 2 }, [9_000_000]);
  const to = momentOf(5_000, 3, { posted: 1_700, cpu: 2, postsRefused: 5 }, [1_000, 2_000, 30_000]);
  expect(postsBetween(from, to)).toMatchObject({
    ...{ likesPerSecond: 400, refused: 3, cores: 0.5, clientCores: 0.25, elsewhereCores: 0.25 },
  });
  const { p50Ms, p99Ms } = postsBetween(from, to);
  expect(p50Ms).toBeCloseTo(2, 1);
  expect(p99Ms).toBeCloseTo(30, 0);
});
