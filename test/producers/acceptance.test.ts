import { v7 } from 'uuid';
import { MAX_RECENT_IDS } from '../../producers/recent-ids';
import { MAX_AHEAD_MS } from '../../schemas/dedupe-window';
import { ID_PATTERN } from '../../schemas/ids';
import { deferred, settled } from '../fixtures/deferred';
import { backend, WINDOW_MS } from './parts';

const LIKE = { reaction: 'like' };

describe('an accepted like', () => {
  it('is in the log and in the store before the answer', async () => {
    const { clock, like, log, store } = backend();
    const result = await like('tap-1', 'love');
    const entry = { id: 'tap-1', memberId: 'ann', at: clock.now(), body: { reaction: 'love' } };
    expect(result).toEqual({ entry: { ...entry, place: 'dc1.1@0' }, isNew: true });
    expect(log.records).toMatchObject([{ entries: [entry] }]);
    expect(log.entries).toMatchObject([{ key: 'video:42' }]);
    expect([...store.rows]).toEqual([['video:42/tap-1', { ...entry, offset: 0 }]]);
  });

  it('is given to the log as JSON and parsed, alike', async () => {
    const { acceptance, like, log } = backend();
    await like('tap-1', 'love');
    await acceptance.accept('42', 'ann', [{ body: LIKE }, { body: LIKE }]);
    expect(log.entries).toHaveLength(2);
    for (const { parsed, value } of log.entries) expect(parsed).toEqual(JSON.parse(value));
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

  it('gets an id from the producer if it has none, without a look-up', async () => {
    const { like, store } = backend();
    const [one, other] = [await like(), await like()];
    expect(one.entry.id).toMatch(ID_PATTERN);
    expect(one.entry.id).not.toBe(other.entry.id);
    expect(store.lookUps).toEqual([]);
    expect(store.rows.size).toBe(2);
  });

  it('has its record’s sequence number, and the number up to which all are stored', async () => {
    const { acceptance, like, log } = backend();
    await acceptance.accept('42', 'ann', [{ body: LIKE }, { body: LIKE }]);
    await like();
    await like();
    expect(log.records.map(({ entries }) => entries.length)).toEqual([2, 1, 1]);
    expect(log.records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(log.records.map(({ stored }) => stored)).toEqual([0, 1, 2]);
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

  it('is not made for a UUIDv7 more than a day ahead, which is refused', async () => {
    const { clock, like, log } = backend();
    const likeId = v7({ msecs: clock.now() + MAX_AHEAD_MS + 1 });
    await expect(like(likeId)).rejects.toMatchObject({ code: 'invalid_id', status: 400 });
    expect(log.entries).toEqual([]);
    await like(v7({ msecs: clock.now() + MAX_AHEAD_MS }));
    expect(log.entries).toHaveLength(1);
  });

  it('does not change the time of the like, which is that of the request', async () => {
    const { clock, like, log, store } = backend();
    const arrivedAt = clock.now();
    const found = deferred();
    store.until = found.promise;
    const answer = like('old');
    await clock.advance(2_000);
    found.resolve();
    expect((await answer).entry.at).toBe(arrivedAt);
    expect(log.logged[0]?.at).toBe(arrivedAt);
  });

  it('is made once for all ids that are not UUIDv7', async () => {
    const { acceptance, clock, store } = backend();
    const young = v7({ msecs: clock.now() });
    const entries = ['b', young, 'a', undefined].map((id) => ({ id, body: LIKE }));
    await acceptance.accept('42', 'ann', entries);
    expect(store.lookUps).toEqual([['b', 'a']]);
  });

  it('finds an old like, which is answered as before and not appended again', async () => {
    const { like, log, store } = backend();
    const first = { id: 'old', memberId: 'bob', body: { reaction: 'funny' }, at: 5 };
    await store.insert('video:42', [{ ...first, offset: 7 }]);
    const result = await like('old', 'love');
    expect(result).toEqual({ entry: { ...first, place: 'dc1.1@7' }, isNew: false });
    expect(log.entries).toEqual([]);
  });

  it('accepts no like if it fails', async () => {
    const { like, log, store } = backend();
    store.isUnavailable = true;
    await expect(like('old')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(log.entries).toEqual([]);
  });
});

describe('the same id again', () => {
  it('is answered with the first like, and appended once', async () => {
    const { clock, like, log } = backend();
    const first = await like('tap', 'love');
    await clock.advance(1_000);
    expect(await like('tap', 'like')).toEqual({ entry: first.entry, isNew: false });
    expect(log.entries).toHaveLength(1);
  });

  it('at the same moment is appended once, and all requests wait for that', async () => {
    const { clock, like, log } = backend();
    const young = v7({ msecs: clock.now() });
    const answers = await Promise.all([like(young), like(young), like(young)]);
    expect(answers.map(({ isNew }) => isNew)).toEqual([true, false, false]);
    expect(answers.map(({ wasInFlight = false }) => wasInFlight)).toEqual([false, true, true]);
    expect(await like(young)).not.toHaveProperty('wasInFlight');
    expect(new Set(answers.map((answer) => answer.entry.at)).size).toBe(1);
    expect(log.entries).toHaveLength(1);
  });

  it('at the same moment is appended once although it is looked up', async () => {
    const { like, log } = backend();
    await Promise.all([like('tap'), like('tap')]);
    expect(log.entries).toHaveLength(1);
  });

  it('twice in one batch is one', async () => {
    const { acceptance, log, store } = backend();
    const entries = ['a', 'b', 'a'].map((id) => ({ id, body: LIKE }));
    const results = await acceptance.accept('42', 'ann', entries);
    expect(results.map(({ entry }) => entry.id)).toEqual(['a', 'b', 'a']);
    expect(log.logged.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(store.rows.size).toBe(2);
  });

  it('of another video is another like', async () => {
    const { acceptance, like, log } = backend();
    await like('tap');
    const [result] = await acceptance.accept('43', 'ann', [{ id: 'tap', body: LIKE }]);
    expect(result).toMatchObject({ isNew: true });
    expect(log.entries.map(({ key }) => key)).toEqual(['video:42', 'video:43']);
  });

  it('fails if the first, which is in flight, fails', async () => {
    const { clock, like, log } = backend();
    const appended = deferred();
    log.until = appended.promise;
    log.isUnavailable = true;
    const young = v7({ msecs: clock.now() });
    const answers = Promise.allSettled([like(young), like(young)]);
    appended.resolve();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('is not accepted again if it is evicted during the look-up of another one', async () => {
    const { acceptance, clock, like, log, recent, store } = backend();
    const first = await like('old');
    await clock.advance(3 * WINDOW_MS);
    const found = deferred();
    store.until = found.promise;
    const entries = ['old', 'unseen'].map((id) => ({ id, body: LIKE }));
    const answer = acceptance.accept('42', 'ann', entries);
    await settled();
    for (let at = 0; at < MAX_RECENT_IDS; at++) {
      recent.add('video:1', [`other-${at}`], Promise.resolve([first.entry]));
    }
    await settled();
    expect(recent.get('video:42', 'old')).toBeUndefined();
    found.resolve();
    expect((await answer)[0]).toEqual({ entry: first.entry, isNew: false });
    expect(log.logged.map(({ id }) => id)).toEqual(['old', 'unseen']);
  });
});
