import { writingText } from '../../../../tools/bench/report/writing-table';
import { newestOf, type WritingResult } from '../../../../tools/bench/writing';
import type { Line } from '../../../../tools/bench/writing/line';

function resultOf(row: string, lines: readonly Partial<Line>[], commit = 'aaa'): WritingResult {
  const line = { row, what: 'taken', unit: 'likes/s', values: [1], beside: [] };
  return { row, at: '2026', commit, lines: lines.map((each) => ({ ...line, ...each })) };
}

const bare = { title: 'bare', values: [40_000, 20_000, 40_000] };

test('a figure has its median, the bare part, the ratio, the aim, and whether it is met', () => {
  const aim = { least: 20_000, leastRatio: 0.6 };
  const line = { values: [20_000, 30_000, 10_000], beside: [bare], aim };
  expect(writingText([resultOf('singles', [line])])).toContain(
    '| singles: taken, likes/s | 20,000 | 40,000 (bare) | 0.50 | ≥ 20,000, ≥ 0.6 × | no |',
  );
});

test('a figure without an aim is not judged, and a note is below the table', () => {
  const text = writingText([resultOf('owner', [{ note: 'without sockets' }])]);
  expect(text).toContain('| owner: taken, likes/s | 1 | – | – | – | – |');
  expect(text).toContain('- owner: taken: without sockets');
  expect(text).not.toContain('Other programs');
});

test('the CPU of other programs, and rows without figures, are reported', () => {
  const failed = { ...resultOf('servers', []), failed: 'no Java' };
  const text = writingText([resultOf('singles', [{ elsewhereCores: 0.8 }]), failed]);
  expect(text).toContain('Other programs used up to 0.8 cores, **noise**.');
  expect(text).toContain('**FAILED** servers: no Java');
});

test('a row that is measured again replaces its earlier figures only', () => {
  const before = [resultOf('singles', [{}]), resultOf('owner', [{}])];
  const now = [resultOf('owner', [{ values: [2] }], 'bbb')];
  const all = newestOf(before, now);
  expect(all.map(({ commit, row }) => `${row} ${commit}`)).toEqual(['singles aaa', 'owner bbb']);
  expect(writingText(all)).toContain('Commits: singles aaa, owner bbb.');
});
