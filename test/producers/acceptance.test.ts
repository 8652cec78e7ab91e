import { v7 } from 'uuid';
import { MAX_RECENT_IDS } from '../../producers/recent-ids';
import { MAX_AHEAD_MS } from '../../schemas/dedupe-window';
import { ID_PATTERN } from '../../schemas/ids';
import { deferred, settled } from '../fixtures/deferred';
import { backend, WINDOW_MS } from './parts';

describe('a like that is taken', () => {
  it('is in the log and in the store before it is answered', async () => {
    const { clock, like, log, store } = backend();
    const taken = await like('tap-1', 'love');
    const at = clock.now();
    expect(taken.isNew).toBe(true);
    expect(taken.like).toEqual({ likeId: 'tap-1', videoId: '42', reaction: 'love', at });
    expect(log.records).toMatchObject([{ likeId: 'tap-1', memberId: 'ann', reaction: 'love', at }]);
    expect(log.entries).toMatchObject([{ key: 'video:42' }]);
    const row = { ...taken.like, memberId: 'ann', offset: 0 };
    expect([...store.rows]).toEqual([['video:42/tap-1', row]]);
  });

  it('is not in the store before it is in the log', async () => {
    const { like, log, store } = backend();
    const appended = deferred();
    log.until = appended.promise;
    const answer = like(v7({ msecs: 1_700_000_000_000 }));
    await settled();
    expect(store.rows.size).toBe(0);
    appended.resolve();
    expect((await answer).isNew).toBe(true);
    expect(store.rows.size).toBe(1);
  });

  it('gets an id from the server when it brings none, without a look-up', async () => {
    const { like, store } = backend();
    const [one, other] = [await like(), await like()];
    expect(one.like.likeId).toMatch(ID_PATTERN);
    expect(one.like.likeId).not.toBe(other.like.likeId);
    expect(store.lookUps).toEqual([]);
    expect(store.rows.size).toBe(2);
  });

  it('numbers the appends and tells in each up to where all are stored', async () => {
    const { acceptance, like, log } = backend();
    await acceptance.accept('42', 'ann', [{ reaction: 'like' }, { reaction: 'love' }]);
    await like();
    const [first, second, third] = log.records;
    expect([first?.seq, second?.seq, third?.seq]).toEqual([1, 2, 3]);
    expect([first?.stored, second?.stored, third?.stored]).toEqual([0, 0, 2]);
    expect(new Set(log.records.map(({ producer }) => producer)).size).toBe(1);
  });
});

describe('the look-up', () => {
  it.each([
    ['made now', 0],
    ['made nearly a quarter of the window ago', -WINDOW_MS / 4 + 1],
    ['made by a clock that is nearly as far ahead', WINDOW_MS / 4 - 1],
  ])('is not made for a UUIDv7 %s', async (_, apart) => {
    const { clock, like, store } = backend();
    await like(v7({ msecs: clock.now() + apart }));
    expect(store.lookUps).toEqual([]);
  });

  it.each([
    ['a quarter of the window ago', -WINDOW_MS / 4],
    ['by a clock that is as far ahead', WINDOW_MS / 4],
  ])('is made for a UUIDv7 made %s', async (_, apart) => {
    const { clock, like, store } = backend();
    const likeId = v7({ msecs: clock.now() + apart });
    await like(likeId);
    expect(store.lookUps).toEqual([[likeId]]);
  });

  it('is refused with the like if a UUIDv7 is more than a day ahead', async () => {
    const { clock, like, log } = backend();
    const likeId = v7({ msecs: clock.now() + MAX_AHEAD_MS + 1 });
    await expect(like(likeId)).rejects.toMatchObject({ code: 'invalid_id', status: 400 });
    expect(log.entries).toEqual([]);
    await like(v7({ msecs: clock.now() + MAX_AHEAD_MS }));
    expect(log.entries).toHaveLength(1);
  });

  it('has the time at which the request arrived, however long the look-up takes', async () => {
    const { clock, like, log, store } = backend();
    const arrivedAt = clock.now();
    const found = deferred();
    store.until = found.promise;
    const answer = like('old');
    await clock.advance(2_000);
    found.resolve();
    expect((await answer).like.at).toBe(arrivedAt);
    expect(log.records[0]?.at).toBe(arrivedAt);
  });

  it('is made once for all ids that are not UUIDv7', async () => {
    const { acceptance, clock, store } = backend();
    const young = v7({ msecs: clock.now() });
    const asked = ['b', young, 'a'].map((likeId) => ({ likeId, reaction: 'like' }));
    await acceptance.accept('42', 'ann', [...asked, { reaction: 'like' }]);
    expect(store.lookUps).toEqual([['b', 'a']]);
  });

  it('finds a like of long ago: it is answered as it was and not taken again', async () => {
    const { like, log, store } = backend();
    const first = { likeId: 'old', videoId: '42', reaction: 'funny', at: 5 };
    await store.insert('video:42', [{ ...first, memberId: 'bob', offset: 0 }]);
    expect(await like('old', 'love')).toEqual({ like: first, isNew: false });
    expect(log.entries).toEqual([]);
  });

  it('that fails takes nothing', async () => {
    const { like, log, store } = backend();
    store.away = true;
    await expect(like('old')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(log.entries).toEqual([]);
  });
});

describe('the same id again', () => {
  it('is answered with the first one, and appended once', async () => {
    const { clock, like, log } = backend();
    const first = await like('tap', 'love');
    await clock.advance(1_000);
    expect(await like('tap', 'like')).toEqual({ like: first.like, isNew: false });
    expect(log.entries).toHaveLength(1);
  });

  it('at the same moment is appended once, and all wait for that one', async () => {
    const { clock, like, log } = backend();
    const young = v7({ msecs: clock.now() });
    const answers = await Promise.all([like(young), like(young), like(young)]);
    expect(answers.map(({ isNew }) => isNew)).toEqual([true, false, false]);
    expect(new Set(answers.map((answer) => answer.like.at)).size).toBe(1);
    expect(log.entries).toHaveLength(1);
  });

  it('at the same moment is appended once where it has to be looked up, too', async () => {
    const { like, log } = backend();
    await Promise.all([like('tap'), like('tap')]);
    expect(log.entries).toHaveLength(1);
  });

  it('twice in one batch is one', async () => {
    const { acceptance, log, store } = backend();
    const asked = ['a', 'b', 'a'].map((likeId) => ({ likeId, reaction: 'like' }));
    const taken = await acceptance.accept('42', 'ann', asked);
    expect(taken.map(({ like }) => like.likeId)).toEqual(['a', 'b', 'a']);
    expect(log.entries).toHaveLength(2);
    expect(store.rows.size).toBe(2);
  });

  it('of another video is another like', async () => {
    const { acceptance, like, log } = backend();
    await like('tap');
    const [taken] = await acceptance.accept('43', 'ann', [{ likeId: 'tap', reaction: 'like' }]);
    expect(taken).toMatchObject({ isNew: true, like: { videoId: '43' } });
    expect(log.entries).toHaveLength(2);
  });

  it('whose first is still on its way fails with it', async () => {
    const { clock, like, log } = backend();
    const appended = deferred();
    log.until = appended.promise;
    log.away = true;
    const young = v7({ msecs: clock.now() });
    const answers = Promise.allSettled([like(young), like(young)]);
    appended.resolve();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('is not taken a second time when it is forgotten during the look-up of its neighbour', async () => {
    const { acceptance, clock, like, log, recent, store } = backend();
    const first = await like('old');
    await clock.advance(3 * WINDOW_MS);
    const found = deferred();
    store.until = found.promise;
    const asked = ['old', 'unseen'].map((likeId) => ({ likeId, reaction: 'like' }));
    const answer = acceptance.accept('42', 'ann', asked);
    await settled();
    for (let at = 0; at < MAX_RECENT_IDS; at++) {
      recent.add('video:1', `other-${at}`, Promise.resolve(first.like));
    }
    found.resolve();
    expect((await answer)[0]).toEqual({ like: first.like, isNew: false });
    expect(log.records.map(({ likeId }) => likeId)).toEqual(['old', 'unseen']);
  });
});
