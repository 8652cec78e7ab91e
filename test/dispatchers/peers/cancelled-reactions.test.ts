import { deferred } from '../../fixtures/deferred';
import { doublesGround as ground } from './duplicates-parts';

describe('the reaction of a cancel', () => {
  it('is that of the first copy in our log, although only a later one is stored yet', async () => {
    const { cancelled, count, flush, hear, owed, young } = ground();
    const likeId = young();
    await count(likeId, 'love');
    owed.set(likeId, 'funny');
    await hear(likeId);
    await flush();
    expect(cancelled()).toEqual([[likeId, 'funny']]);
  });

  it('is that of the first copy, although it is stored while the store is asked', async () => {
    const { cancelled, count, flush, hear, owed, store, young } = ground();
    const likeId = young();
    await count(likeId, 'love');
    owed.set(likeId, 'funny');
    await hear(likeId);
    const { promise, resolve } = deferred<void>();
    store.until = promise;
    const flushed = flush();
    owed.clear();
    resolve();
    await flushed;
    expect(cancelled()).toEqual([[likeId, 'funny']]);
  });

  it('is not that of a stored copy that our log is not read up to yet', async () => {
    const { cancelled, flush, hear, own, storeRow } = ground();
    await storeRow('own', 'love');
    own.readTo = 3;
    await hear('own');
    await flush();
    expect(cancelled()).toEqual([]);
    own.readTo = 4;
    await hear('own');
    await flush();
    expect(cancelled()).toEqual([['own', 'love']]);
  });

  it('is waited for while neither our memory nor the store has it', async () => {
    const { cancelled, doubles, flush, hear, ours, storeRow, young } = ground();
    const [likeId, other] = [young(), young()];
    ours.add(likeId).add(other);
    await storeRow(other, 'love');
    await hear(likeId);
    await hear(other);
    await flush();
    expect(cancelled()).toEqual([[other, 'love']]);
    expect(doubles.size).toBe(1);
    await storeRow(likeId, 'funny');
    await flush();
    expect(cancelled()).toEqual([
      [other, 'love'],
      [likeId, 'funny'],
    ]);
    expect(doubles.size).toBe(0);
  });
});
