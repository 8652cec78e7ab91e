import { MAX_RECENT_IDS, RecentIds } from '../../producers/recent-ids';
import type { Like } from '../../schemas/likes';
import { deferred, settled } from '../fixtures/deferred';

const LIKE: Like = { likeId: 'a', videoId: '1', reaction: 'like', at: 1 };

describe('RecentIds', () => {
  it('returns a like in flight and one that is done, by channel and id', async () => {
    const recent = new RecentIds();
    const written = deferred<Like>();
    recent.add('video:1', 'a', written.promise);
    expect(recent.get('video:1', 'a')).toBe(written.promise);
    expect(recent.get('video:2', 'a')).toBeUndefined();
    written.resolve(LIKE);
    expect(await recent.get('video:1', 'a')).toBe(LIKE);
  });

  it('removes a like that failed', async () => {
    const recent = new RecentIds();
    const written = deferred<Like>();
    recent.add('video:1', 'a', written.promise);
    written.reject(new Error('unavailable'));
    await settled();
    expect(recent.get('video:1', 'a')).toBeUndefined();
  });

  it('keeps a later like with the same id if the first one fails', async () => {
    const recent = new RecentIds();
    const [first, second] = [deferred<Like>(), deferred<Like>()];
    recent.add('video:1', 'a', first.promise);
    recent.add('video:1', 'a', second.promise);
    first.reject(new Error('unavailable'));
    await settled();
    expect(recent.get('video:1', 'a')).toBe(second.promise);
  });

  it('keeps a bounded number of likes, the latest ones', () => {
    const recent = new RecentIds();
    const done = Promise.resolve(LIKE);
    for (let at = 0; at <= MAX_RECENT_IDS; at++) recent.add('video:1', `id-${at}`, done);
    expect(recent.get('video:1', 'id-0')).toBeUndefined();
    expect(recent.get('video:1', 'id-1')).toBe(done);
    expect(recent.get('video:1', `id-${MAX_RECENT_IDS}`)).toBe(done);
  });
});
