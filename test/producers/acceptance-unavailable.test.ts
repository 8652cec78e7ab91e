import { v7 } from 'uuid';
import { STORE_UNAVAILABLE_MS } from '../../producers/store-availability';
import { deferred, settled } from '../fixtures/deferred';
import { backend } from './parts';

describe('while the log is unavailable, a like', () => {
  it('is refused with `log_unavailable`, and can be sent again', async () => {
    const { like, log, store } = backend();
    log.isUnavailable = true;
    await expect(like('tap')).rejects.toMatchObject({ code: 'log_unavailable', status: 503 });
    expect(store.rows.size).toBe(0);
    log.isUnavailable = false;
    expect((await like('tap')).isNew).toBe(true);
    expect(log.entries).toHaveLength(1);
  });

  it('makes the producer change its name, because the append may be in the log', async () => {
    const { like, log } = backend();
    await like();
    log.isUnavailable = true;
    await expect(like()).rejects.toThrow();
    log.isUnavailable = false;
    await like();
    const [before, after] = log.records;
    expect(after?.producer).not.toBe(before?.producer);
    expect([after?.seq, after?.stored]).toEqual([1, 0]);
  });
});

describe('a refused append', () => {
  it('does not change the producer’s name, because it is not in the log', async () => {
    const { like, log } = backend();
    await like();
    log.refuses = true;
    await expect(like()).rejects.toMatchObject({ code: 'log_refused', status: 503 });
    log.refuses = false;
    await like();
    const [before, after] = log.records;
    expect(after?.producer).toBe(before?.producer);
    expect([after?.seq, after?.stored]).toEqual([3, 2]);
  });
});

describe('a request with a new id and one that is in flight', () => {
  async function mixed() {
    const parts = backend();
    const appended = deferred();
    parts.log.until = appended.promise;
    const first = parts.like('first');
    await settled();
    const entries = ['new', 'first'].map((id) => ({ id, body: { reaction: 'love' } }));
    const both = parts.acceptance.accept('42', 'bob', entries);
    await settled();
    return { ...parts, appended, both, first };
  }

  it('writes nothing if the one in flight is refused', async () => {
    const { appended, both, first, like, log } = await mixed();
    log.refuses = true;
    appended.resolve();
    await expect(first).rejects.toMatchObject({ code: 'log_refused' });
    await expect(both).rejects.toMatchObject({ code: 'log_refused' });
    log.refuses = false;
    expect((await like('new')).isNew).toBe(true);
    expect(log.logged.map(({ id }) => id)).toEqual(['new']);
  });

  it('writes the new id once the other one is written', async () => {
    const { appended, both, first, log } = await mixed();
    appended.resolve();
    const { entry } = await first;
    expect(await both).toMatchObject([{ isNew: true }, { entry, isNew: false }]);
    expect(log.logged.map(({ id }) => id)).toEqual(['first', 'new']);
  });
});

describe('a store that is unavailable', () => {
  async function failing() {
    const parts = backend();
    parts.store.isUnavailable = true;
    await expect(parts.like()).rejects.toMatchObject({ code: 'store_unavailable', status: 503 });
    expect(parts.log.entries).toHaveLength(1);
    return parts;
  }

  it('makes the producer change its name, so that the owner stores the like', async () => {
    const { clock, like, log, store } = await failing();
    store.isUnavailable = false;
    await clock.advance(STORE_UNAVAILABLE_MS);
    await like();
    const [left, next] = log.records;
    expect(next?.producer).not.toBe(left?.producer);
    expect(next?.stored).toBe(0);
  });

  it('makes the producer refuse likes for a time, without an append or a look-up', async () => {
    const { clock, like, log, store } = await failing();
    await clock.advance(STORE_UNAVAILABLE_MS - 1);
    await expect(like()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(log.entries).toHaveLength(1);
    expect(store.lookUps).toEqual([]);
  });

  it('is probed by one request at a time, and the others are refused', async () => {
    const { clock, like, log, store } = await failing();
    await clock.advance(STORE_UNAVAILABLE_MS);
    const answers = await Promise.allSettled([like(), like(), like()]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(store.lookUps).toHaveLength(1);
    expect(log.entries).toHaveLength(1);
  });

  it('makes no like fail once it is available again', async () => {
    const { clock, like, log, store } = await failing();
    store.isUnavailable = false;
    await clock.advance(STORE_UNAVAILABLE_MS);
    await like();
    await Promise.all([like(), like()]);
    expect(log.entries).toHaveLength(4);
    expect(store.rows.size).toBe(3);
  });

  it('fails a batch as a whole', async () => {
    const { acceptance, store } = backend();
    store.isUnavailable = true;
    const asked = ['like', 'love'].map((reaction) => ({ body: { reaction } }));
    await expect(acceptance.accept('42', 'ann', asked)).rejects.toMatchObject({ status: 503 });
    expect(store.rows.size).toBe(0);
  });

  it('causes a second append of the same id, which the owner does not count', async () => {
    const { clock, like, log, store } = backend();
    const young = v7({ msecs: clock.now() });
    store.isUnavailable = true;
    await expect(like(young)).rejects.toThrow();
    store.isUnavailable = false;
    await clock.advance(STORE_UNAVAILABLE_MS);
    expect((await like(young)).isNew).toBe(true);
    expect(log.logged.map(({ id }) => id)).toEqual([young, young]);
    expect(store.rows.get(`video:42/${young}`)?.offset).toBe(1);
  });
});
