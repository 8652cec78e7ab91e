import { CommentFeed } from './comment-feed';

const versions = (of: Record<string, number>) => new Map(Object.entries(of));

describe('a comment that a viewer was sent of two logs', () => {
  function sentTwice(gap?: { after: number; upTo: number }): CommentFeed {
    const violations: string[] = [];
    const feed = new CommentFeed({
      start: versions({ 'dc1.1': 0, 'dc2.1': 0 }),
      shown: [],
      endOf: (origin) => (origin === 'dc1.1' ? 9 : 2),
      violation: (what) => violations.push(what),
    });
    feed.add('a', { origin: 'dc1.1', offset: 3 });
    feed.reach(versions({ 'dc1.1': 3, 'dc2.1': 0 }));
    if (gap) feed.noteGap(versions({ 'dc1.1': gap.after }), versions({ 'dc1.1': gap.upTo }));
    feed.add('a', { origin: 'dc2.1', offset: 1 });
    expect(violations).toEqual([]);
    return feed;
  }

  it('is a repetition', () => {
    expect(sentTwice().repetitions).toMatchObject([{ id: 'a', first: { offset: 3 }, end: 9 }]);
    expect(sentTwice({ after: 3, upTo: 3 }).repetitions).toHaveLength(1);
  });

  it('is none after a gap: the ring behind it may not have the first copy', () => {
    expect(sentTwice({ after: 3, upTo: 5 }).repetitions).toEqual([]);
  });
});
