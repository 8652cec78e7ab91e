import { setImmediate as turn } from 'node:timers/promises';
import { connect } from '../../client/connect';
import type { Status } from '../../client/types';
import { token } from '../runtime/members/tokens';
import { fakeBrowser } from './fake-browser';

/** Grants each lock, later. */
const grant = (_: string, then: () => unknown) => Promise.resolve().then(then);

describe('a page', () => {
  it('applies the state that a server has rendered once', async () => {
    fakeBrowser(grant);
    const live = connect();
    const state = (total: number) => ({
      total,
      reactions: { like: total },
      seen: `dc1.1@${total}`,
    });
    const totals: number[] = [];
    const likes = ({ total }: { readonly total: number }) => totals.push(total);
    live.watch('video:42', { likes }, { id: 'a', state: state(150) });
    live.watch('video:42', { likes }, { id: 'a', state: state(100) });
    await turn();
    expect(totals.at(-1)).toBe(150);
    const comments = [{ commentId: 'a', text: 'hi', memberId: 'ann', at: 1, place: 'dc1.1@1' }];
    const snapshots: unknown[] = [];
    const snapshot = (given: { readonly comments?: unknown }) => snapshots.push(given.comments);
    const rendered = { channel: 'video:42', comments, seen: { comments: 'dc1.1@1' } };
    live.watch('video:42', { snapshot }, { id: 'b', state: rendered });
    await turn();
    expect(snapshots).toEqual([undefined, comments]);
    live.close();
  });

  it.each(['auth0|ann', 'bo@example.org'])(
    'shares its stream with tabs of %s alone, although that is no id',
    async (sub) => {
      const { asked } = fakeBrowser(grant);
      const live = connect({ token: token({ sub }) });
      live.watch('video:42', { likes() {} });
      for (let left = 10; left > 0; left--) await turn();
      expect(asked.at(-1)).toContain(sub);
      live.close();
    },
  );
});

describe('a page that is closed', () => {
  it('posts nothing to other tabs, and stays closed', async () => {
    const { posts } = fakeBrowser(grant);
    const failed = jest.fn();
    process.on('unhandledRejection', failed);
    const statuses: Status[] = [];
    const live = connect({ status: (status) => statuses.push(status) });
    const watched = live.watch('video:42', { likes() {} });
    await turn();
    await turn();
    expect(posts.map(([kind]) => kind)).toContain('tab');
    const before = posts.length;
    live.close();
    watched.close();
    live.cut();
    // Likes and handlers may come later, too.
    live.watch('video:43', { likes() {} });
    for (let left = 10; left > 0; left--) await turn();
    process.off('unhandledRejection', failed);
    expect(posts).toHaveLength(before);
    expect(statuses.map(({ state }) => state)).toEqual(['connecting', 'closed']);
    expect(failed).not.toHaveBeenCalled();
  });
});
