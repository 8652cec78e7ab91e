import type { Against, Result } from '../../../../tools/bench/against';
import { comparisonOf, type Pair } from '../../../../tools/bench/pairs';
import { againstText } from '../../../../tools/bench/report/against-table';

const NO_FAULTS = { postsRefused: 0, streamsClosed: 0, framesBroken: 0 };

function resultOf(pairs: readonly Pair<number>[], faults: Result['faults']): Result {
  const about = { row: 'likes', title: 'single likes', unit: 'CPU µs a like', isLessBetter: true };
  return { ...about, ...comparisonOf(pairs), pairs, faults, elsewhereCores: 0.05 };
}

function textOf(results: readonly Result[], failed: readonly string[] = []): string {
  const compared: Against = {
    at: '2026-01-01T00:00:00.000Z',
    machine: { cores: 2, processor: 'a', kernel: 'b', memoryGiB: 1, node: 'v20' },
    checkouts: [
      { folder: '/here', commit: 'aaa' },
      { folder: '/before', commit: 'bbb' },
    ],
    asked: { pairs: 2, seconds: 5, viewers: 5_000 },
    results,
    failed,
  };
  return againstText(compared);
}

test('a row has the ratio, its quartiles and the median of each side', () => {
  const pairs: Pair<number>[] = [
    [110, 100],
    [130, 100],
  ];
  const text = textOf([resultOf(pairs, [NO_FAULTS, NO_FAULTS])]);
  expect(text).toContain(
    '| single likes | CPU µs a like | 1.200 | 1.150 | 1.250 | 120 | 100 | less |',
  );
  expect(text).not.toContain('IN DOUBT');
  expect(text).not.toContain('FAILED');
});

test('the reasons to doubt a figure are listed below, with its side; so are failed rows', () => {
  const faults = { ...NO_FAULTS, postsRefused: 3, streamsClosed: 1 };
  const text = textOf([resultOf([[1, 1]], [NO_FAULTS, faults])], ['batches: no server']);
  expect(text).toContain(
    'IN DOUBT: single likes, CPU µs a like, other: 3 posts refused, 1 streams closed',
  );
  expect(text).not.toContain(', this:');
  expect(text).toContain('FAILED: batches: no server');
});
