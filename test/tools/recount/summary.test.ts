import { RecountSummary } from '../../../tools/recount/summary';

test('lists the videos with the largest differences, and sums up all', () => {
  const summary = new RecountSummary();
  summary.note({ channel: 'video:right', before: { like: 1 }, after: { like: 1 } }, false);
  for (let at = 1; at <= 100; at++) {
    summary.note({ channel: `video:${at}`, before: { like: at }, after: {} }, true);
  }
  const lines = summary.lines('dc1.1');
  expect(lines).toHaveLength(22);
  expect(lines[0]).toBe('  video:100 100 → 0 {}');
  expect(lines[19]).toBe('  video:81 81 → 0 {}');
  expect(lines[20]).toBe('  and 80 more');
  expect(lines[21]).toBe('dc1.1: 100 of 101 videos changed, 5051 likes before, 1 now');
});
