import { RecountSummary } from '../../../tools/recount/summary';

test('lists the channels with the largest differences, and sums up all', () => {
  const summary = new RecountSummary('likes');
  summary.note({ channel: 'video:right', before: 1, after: 1, shown: {} }, false);
  for (let at = 1; at <= 100; at++) {
    summary.note({ channel: `video:${at}`, before: at, after: 0, shown: { total: 0 } }, true);
  }
  const lines = summary.lines('dc1.1');
  expect(lines).toHaveLength(22);
  expect(lines[0]).toBe('  likes of video:100 100 → 0 {"total":0}');
  expect(lines[19]).toBe('  likes of video:81 81 → 0 {"total":0}');
  expect(lines[20]).toBe('  and 80 more');
  expect(lines[21]).toBe('dc1.1 likes: 100 of 101 channels changed, 5051 before, 1 now');
});
