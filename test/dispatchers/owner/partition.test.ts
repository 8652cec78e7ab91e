import { v7 } from 'uuid';
import { MAX_CHANNELS } from '../../../dispatchers/owner/held-channels';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import { deferred, settled } from '../../fixtures/deferred';
import { logged, VIDEO } from '../../fixtures/records';
import { counted, ground, ORIGIN, WINDOW_MS } from '../parts';

const START = 1_700_000_000_000;

/** A like's record whose producer has stored all earlier ones. */
function storedBefore(offset: number, at = START, id = `like-${offset}`) {
  return logged(offset, { at, id, seq: offset + 1, stored: offset });
}

describe('consume', () => {
  it('resolves with each channel’s new state and the time of its oldest like', async () => {
    const { open } = ground();
    const publications = await open().consume([
      logged(0, { at: START + 5, reaction: 'love' }),
      logged(1, { at: START + 2 }),
      logged(2, { at: START + 9 }, 'video:43'),
    ]);
    expect(publications.map(({ update }) => update)).toEqual([
      {
        ...{ channel: VIDEO, type: 'likes' },
        t: START + 2,
        vector: { [ORIGIN]: counted(1, { love: 1, like: 1 }) },
      },
      {
        ...{ channel: 'video:43', type: 'likes' },
        t: START + 9,
        vector: { [ORIGIN]: counted(2, { like: 1 }) },
      },
    ]);
  });

  it('counts a record once although it is offered again', async () => {
    const { open, states } = ground();
    const partition = open();
    const records = [logged(0), logged(1)];
    await partition.consume(records);
    await partition.consume(records);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(2);
  });

  it('counts no record while the saved states cannot be read, and all of them later', async () => {
    const { open, states } = ground();
    const partition = open();
    states.isUnavailable = true;
    await expect(partition.consume([logged(0), logged(1)])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    states.isUnavailable = false;
    await partition.consume([logged(0), logged(1)]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(2);
  });

  it('loses no like if channels are saved and evicted while others are loaded', async () => {
    const { open, states } = ground();
    const partition = open();
    const crowd = Array.from({ length: MAX_CHANNELS + 1 }, (_, at) =>
      logged(at, { seq: at + 1, stored: at }, `video:${at}`),
    );
    await partition.consume(crowd);
    const read = deferred();
    states.loadUntil = read.promise;
    const next = crowd.length;
    const records = [
      logged(next, { seq: next + 1, stored: next }, 'video:0'),
      logged(next + 1, { seq: next + 2, stored: next }, 'video:new'),
    ];
    // If it rejects, the records are offered again, as the source does.
    const consuming = partition.consume(records).catch(() => partition.consume(records));
    const checkpoint = partition.checkpoint();
    await settled();
    read.resolve();
    await Promise.all([consuming, checkpoint]);
    await partition.checkpoint();
    expect([states.total('video:0'), states.total('video:new')]).toEqual([2, 1]);
  });
});

describe('a record that is not valid', () => {
  it.each([
    '{',
    'null',
    '{"producer":"a","seq":1,"stored":0,"entries":[]}',
    logged(1).value.replace('"at":', '"at":-'),
    logged(1, { reaction: 'NONE' }).value,
  ])('is skipped and reported: %s', async (value) => {
    const { open, states, unreadable } = ground();
    const partition = open();
    const bad = { ...logged(1), value };
    await partition.consume([logged(0), bad, logged(2)]);
    expect(unreadable).toEqual([bad]);
    const { done } = (await partition.checkpoint()).position;
    expect([states.total(VIDEO), done]).toEqual([2, 0]);
    await expect(open({ done: 1, from: 1 }).consume([bad])).resolves.toEqual([]);
  });

  it('does not hold the position back', async () => {
    const { open } = ground();
    const partition = open();
    await partition.consume([{ ...logged(0), value: '{' }]);
    expect((await partition.checkpoint()).position.done).toBe(1);
  });
});

describe('a copy', () => {
  it('is not counted, in the same batch or later', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.consume([logged(0, { id: 'a' }), logged(1, { id: 'a' })]);
    await partition.consume([logged(2, { id: 'a', at: START + WINDOW_MS })]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
  });

  it('of an id in another channel is no duplicate', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.consume([logged(0, { id: 'a' }), logged(1, { id: 'a' }, 'video:43')]);
    await partition.checkpoint();
    expect([states.total(VIDEO), states.total('video:43')]).toEqual([1, 1]);
  });

  it('is not counted by a successor, which reads the earlier records again', async () => {
    const { open, states } = ground();
    const first = open();
    const id = v7({ msecs: START });
    const log = [storedBefore(0, START, id), storedBefore(1, START + 20_000)];
    await first.consume(log);
    const { position } = await first.checkpoint();
    const copy = storedBefore(2, START + 25_000, id);
    const successor = open(position);
    await successor.consume([...log.slice(position.from), copy]);
    await successor.checkpoint();
    expect(states.total(VIDEO)).toBe(2);
  });

  it('of a like that is not stored yet is not counted, at any time', async () => {
    const { clock, open, states, store } = ground();
    const partition = open();
    await partition.consume([logged(0, { id: 'a', at: clock.now() })]);
    store.isUnavailable = true;
    await clock.advance(3 * WINDOW_MS);
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    store.isUnavailable = false;
    const copy = { id: 'a', at: clock.now(), producer: 'producer-2' };
    await partition.consume([logged(1, copy)]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
    expect(store.rows.size).toBe(1);
  });

  it('of a like that was stored late is not counted, even if it was looked up before', async () => {
    const { clock, open, states, store } = ground();
    const partition = open();
    await partition.consume([logged(0, { id: 'a', at: clock.now() })]);
    await clock.advance(3 * WINDOW_MS);
    await partition.checkpoint();
    expect(store.rows.size).toBe(1);
    const copy = { id: 'a', at: clock.now() + 1_000, producer: 'producer-2' };
    await partition.consume([logged(1, copy)]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
  });

  it('of an id of the future is not counted once that time has come', async () => {
    const { clock, open, states } = ground();
    const partition = open();
    const ahead = 10 * WINDOW_MS;
    const id = v7({ msecs: clock.now() + ahead });
    await partition.consume([logged(0, { id, at: clock.now() })]);
    await clock.advance(SILENT_MS);
    await partition.checkpoint();
    await clock.advance(ahead);
    await partition.consume([logged(1, { id, at: clock.now(), producer: 'producer-2' })]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
  });
});

describe('the look-up in the store', () => {
  const young = (at = START): string => v7({ msecs: at });

  it('is not made for a young id appended in time, with any dispatcher’s clock', async () => {
    const { clock, open, store } = ground();
    await clock.advance(5 * WINDOW_MS);
    await open().consume([storedBefore(0, START, young()), storedBefore(1, START, young())]);
    expect(store.lookUps).toEqual([]);
  });

  it('is made for a late append, and for an id that is not young', async () => {
    const { open, store } = ground();
    const late = { ...storedBefore(0, START, young()), appendedAt: START + WINDOW_MS };
    const old = storedBefore(1, START, young(START - WINDOW_MS));
    await open().consume([
      late,
      old,
      storedBefore(2, START, 'own'),
      storedBefore(3, START, young()),
    ]);
    const ids = [late, old].map(({ value }) => JSON.parse(value).entries[0].id);
    expect(store.lookUps).toEqual([[...ids, 'own']]);
  });

  it('is made in a young generation, because the earlier log may have a copy', async () => {
    const { open, states, store } = ground({ followsAnotherLog: true });
    const [known, fresh] = [young(), young()];
    const row = { id: known, memberId: 'ann', body: { reaction: 'like' }, at: START };
    await store.insert(VIDEO, [{ ...row, offset: 0 }]);
    store.elsewhere.set(`${VIDEO}/${known}`, ['dc1.0']);
    const partition = open();
    await partition.consume([storedBefore(0, START, known), storedBefore(1, START, fresh)]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
    expect([...store.withdrawn]).toEqual([`${VIDEO}/${known}`]);
    const later = START + 3 * WINDOW_MS;
    await partition.consume([storedBefore(2, later, young(later))]);
    expect(store.lookUps).toEqual([[known, fresh]]);
  });
});
