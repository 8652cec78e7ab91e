import { deferred } from '../fixtures/deferred';
import { VIDEO } from '../fixtures/records';
import { doublesGround as ground, like, WINDOW_MS } from './doubles-parts';

describe('an id that an earlier datacenter has taken, too', () => {
  it('is taken back when our log has it already', async () => {
    const { cancelled, count, doubles, flush, hear, young } = ground();
    const likeId = young();
    await count(likeId);
    await hear(likeId);
    await flush();
    expect(cancelled()).toEqual([[likeId, 'like']]);
    expect(doubles.size).toBe(0);
  });

  it('is taken back when our log has it later', async () => {
    const { cancelled, count, doubles, flush, hear, young } = ground();
    const likeId = young();
    await hear(likeId);
    await flush();
    expect(cancelled()).toEqual([]);
    await count(likeId);
    doubles.counted(like(likeId));
    await flush();
    expect(cancelled()).toEqual([[likeId, 'like']]);
  });

  it('is taken back when we hear of it long after, from what the store says', async () => {
    const { cancelled, clock, flush, hear, storeRow, young } = ground();
    const [ours, theirs] = [young(), young()];
    await storeRow(ours, 'funny');
    await clock.advance(2 * WINDOW_MS);
    await hear(theirs);
    await hear(ours);
    await flush();
    expect(cancelled()).toEqual([[ours, 'funny']]);
  });
});

describe('ids that are to be taken back when the log is closed', () => {
  it('are kept, and reported once for each number of them', async () => {
    const { cancelled, count, doubles, failures, flush, hear, log, young } = ground();
    const ids = [young(), young()];
    for (const likeId of ids) await count(likeId);
    log.isClosed = true;
    for (const likeId of ids) {
      await hear(likeId);
      await flush();
      await flush();
    }
    expect(failures).toHaveLength(2);
    expect(failures[1]).toMatch(/cannot cancel: 2\..*npm run recount/);
    expect(doubles.size).toBe(2);
    log.isClosed = false;
    await flush();
    expect(cancelled().map(([likeId]) => likeId)).toEqual(ids);
  });
});

describe('an id that the window cannot tell of', () => {
  it('is not asked of the store while it is young', async () => {
    const { hear, store, young } = ground();
    await hear(young());
    expect(store.lookUps).toEqual([]);
  });

  it('is not taken back once more when we hear of it again', async () => {
    const { clock, count, doubles, hear, ours, store, takenBack, young } = ground();
    const likeId = young();
    await count(likeId);
    takenBack.add(likeId);
    await hear(likeId);
    ours.clear();
    takenBack.clear();
    await store.withdraw(VIDEO, [likeId]);
    await clock.advance(2 * WINDOW_MS);
    await hear(likeId);
    expect(doubles.size).toBe(0);
  });

  it('is asked of the store, however young, by who has not read our log yet', async () => {
    const { cancelled, flush, hear, ours, own, storeRow, young } = ground();
    own.isRead = false;
    const [stored, read] = [young(), young()];
    ours.add(read);
    await storeRow(stored, 'funny');
    await hear(stored);
    await hear(read);
    await flush();
    expect(cancelled()).toEqual([[stored, 'funny']]);
  });

  it('is taken back when the store is yet to hear that we have it, unless we have done so', async () => {
    const { cancelled, clock, flush, hear, owed, store, storeRow, young } = ground();
    const [unstored, withdrawn] = [young(), young()];
    owed.set(unstored, 'love').set(withdrawn, 'love');
    await storeRow(withdrawn, 'love');
    await store.withdraw(VIDEO, [withdrawn]);
    await clock.advance(2 * WINDOW_MS);
    await hear(unstored);
    await hear(withdrawn);
    await flush();
    expect(cancelled()).toEqual([[unstored, 'love']]);
  });

  it('is asked of the store, however young, where ids were ahead of the clock', async () => {
    const { cancelled, clock, flush, hear, own, storeRow, young } = ground();
    own.lookUpUntil = clock.now() + 1;
    const likeId = young();
    await storeRow(likeId, 'funny');
    await hear(likeId);
    await flush();
    expect(cancelled()).toEqual([[likeId, 'funny']]);
  });

  it('is taken back where the store says that the earlier one has it', async () => {
    const { doubles, young } = ground();
    doubles.counted(like(young()), ['dc3.1']);
    expect(doubles.size).toBe(0);
    doubles.counted(like(young()), ['dc3.1', 'dc1.1']);
    expect(doubles.size).toBe(1);
  });
});

describe('noted doubles', () => {
  it('are found while the store is asked for them', async () => {
    const { cancelled, count, doubles, flush, hear, store } = ground();
    await count('not-a-uuid');
    const { promise, resolve } = deferred<void>();
    store.until = promise;
    const heard = hear('not-a-uuid');
    doubles.counted(like('not-a-uuid'));
    resolve();
    await heard;
    await flush();
    expect(cancelled()).toEqual([['not-a-uuid', 'like']]);
  });

  it('are taken back once the log is there again', async () => {
    const { cancelled, count, doubles, flush, hear, log, young } = ground();
    const likeId = young();
    await count(likeId);
    await hear(likeId);
    log.away = true;
    await expect(flush()).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(doubles.size).toBe(1);
    log.away = false;
    await flush();
    expect(cancelled()).toHaveLength(1);
  });
});
