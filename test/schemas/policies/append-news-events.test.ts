import { vectorText } from '../../../schemas/place';
import { comment, policy, type State, statesOf } from './append-parts';

const CONTEXT = { oldestAt: 0, seen: '', channelId: '42', maxEntries: 50 };

describe('one event', () => {
  const log = [
    { offset: 2, id: 'a', text: 'one\ntwo', at: 7 },
    { offset: 5, id: 'b', text: 'three', at: 9 },
  ];
  const view = policy.view({ 'dc1.1': statesOf(log).at(-1) as State });

  it('has the comment, its place, and what is reached; the last one reaches all', () => {
    const seen = { total: 0, versions: new Map() };
    expect(policy.news(view, seen, CONTEXT)).toEqual([
      {
        event: 'comment',
        data: {
          ...{ commentId: 'a', videoId: '42', memberId: 'ann', text: 'one\ntwo', at: 7 },
          place: 'dc1.1@2',
        },
        reached: { total: 0, versions: new Map([['dc1.1', 2]]) },
      },
      {
        event: 'comment',
        data: {
          ...{ commentId: 'b', videoId: '42', memberId: 'ann', text: 'three', at: 9 },
          place: 'dc1.1@5',
        },
      },
    ]);
    expect(policy.count(view, seen)).toBe(2);
  });

  it('is a gap for what is over the bound, with what the viewer had seen', () => {
    const seen = { total: 0, versions: new Map([['dc2.1', 88]]) };
    const [gap, last] = policy.news(view, seen, { ...CONTEXT, maxEntries: 1 });
    expect(gap?.data).toEqual({
      missed: 'comments',
      history: '/videos/42/comments?after=dc2.1@88&upTo=dc1.1@2,dc2.1@88',
    });
    expect(vectorText(gap?.reached?.versions ?? new Map())).toBe('dc1.1@2,dc2.1@88');
    expect(last?.data).toMatchObject({ commentId: 'b' });
  });

  it('is within 32 KiB with all others of one time', () => {
    const large = Array.from({ length: 8 }, (_, offset) => {
      return { offset, id: `c${offset}`, text: 'x'.repeat(8_000), at: offset };
    });
    const of = policy.view({ 'dc1.1': statesOf(large).at(-1) as State });
    const news = policy.news(of, { total: 0, versions: new Map() }, CONTEXT);
    expect(news.map(({ event }) => event)).toEqual(['gap', ...new Array(3).fill('comment')]);
    expect(Buffer.byteLength(JSON.stringify(news))).toBeLessThan(32_768);
  });

  it('is none for a view that is the same', () => {
    const one = policy.fold(policy.empty, comment('a'), 0);
    const views = [
      { version: 0, state: one },
      { version: 4, state: one },
    ].map((state) => {
      return policy.view({ 'dc1.1': state });
    });
    const [before = view, after = view] = views;
    expect(policy.same(before, after)).toBe(true);
    expect(policy.same(before, view)).toBe(false);
    const deleted = policy.remove?.(one, 'a', 2) ?? one;
    expect(policy.same(before, policy.view({ 'dc1.1': { version: 2, state: deleted } }))).toBe(
      false,
    );
    expect(policy.same(before, policy.view({ 'dc2.1': { version: 0, state: one } }))).toBe(false);
    const seen = { total: 0, versions: new Map([['dc1.1', 0]]) };
    expect(policy.news(after, seen, CONTEXT)).toEqual([]);
  });
});
