import { CommentChecks } from './comment-checks';

const CHANNEL = 'video:a';
const seenAt = (offset: number) => ({ total: 0, versions: new Map([['dc1.1', offset]]) });

it('knows the place of a viewer that asks again, and resumes without a snapshot', () => {
  const violations: string[] = [];
  const checks = new CommentChecks({
    maySeeDoubles: false,
    walk: async () => [],
    endOf: () => 9,
    violation: (what) => violations.push(what),
  });
  const comment = { channel: CHANNEL, commentId: 'a', place: 'dc1.1@4' };
  checks.check('snapshot', JSON.stringify({ channel: CHANNEL, comments: [] }), seenAt(3));
  checks.ask(['likes']);
  checks.ask(undefined);
  checks.check('likes', JSON.stringify({ channel: CHANNEL }), seenAt(9));
  expect(checks.feeds.get(CHANNEL)?.seen.get('dc1.1')).toBe(3);
  checks.check('comment', JSON.stringify(comment), seenAt(4));
  expect(checks.feeds.get(CHANNEL)?.seen.get('dc1.1')).toBe(4);
  expect(violations).toEqual([]);
});
