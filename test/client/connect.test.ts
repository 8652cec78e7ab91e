import { setImmediate as turn } from 'node:timers/promises';
import { connect } from '../../client/connect';
import type { Status } from '../../client/types';
import { fakeBrowser } from './fake-browser';

/** Grants each lock, later. */
const grant = (_: string, then: () => unknown) => Promise.resolve().then(then);

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
