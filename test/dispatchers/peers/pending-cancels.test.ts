import { deferred } from '../../fixtures/deferred';
import { duplicatesGround as ground } from './duplicates-parts';

describe('the `undoKey` of a cancel', () => {
  it('is that of the first copy in our log, although only a later one is stored yet', async () => {
    const { cancelled, count, flush, applyPeer, unstoredReactions, young } = ground();
    const id = young();
    await count(id, 'love');
    unstoredReactions.set(id, 'funny');
    await applyPeer(id);
    await flush();
    expect(cancelled()).toEqual([[id, 'funny']]);
  });

  it('is that of the first copy, although it is stored during the look-up', async () => {
    const { cancelled, count, flush, applyPeer, unstoredReactions, store, young } = ground();
    const id = young();
    await count(id, 'love');
    unstoredReactions.set(id, 'funny');
    await applyPeer(id);
    const { promise, resolve } = deferred<void>();
    store.until = promise;
    const flushed = flush();
    unstoredReactions.clear();
    resolve();
    await flushed;
    expect(cancelled()).toEqual([[id, 'funny']]);
  });

  it('is not that of a stored copy whose record is not read yet', async () => {
    const { cancelled, flush, applyPeer, own, storeRow } = ground();
    await storeRow('own', 'love');
    own.readTo = 3;
    await applyPeer('own');
    await flush();
    expect(cancelled()).toEqual([]);
    own.readTo = 4;
    await applyPeer('own');
    await flush();
    expect(cancelled()).toEqual([['own', 'love']]);
  });

  it('delays the cancel while neither memory nor the store has it', async () => {
    const { cancelled, duplicates, flush, applyPeer, ours, storeRow, young } = ground();
    const [id, other] = [young(), young()];
    ours.add(id).add(other);
    await storeRow(other, 'love');
    await applyPeer(id);
    await applyPeer(other);
    await flush();
    expect(cancelled()).toEqual([[other, 'love']]);
    expect(duplicates.size).toBe(1);
    await storeRow(id, 'funny');
    await flush();
    expect(cancelled()).toEqual([
      [other, 'love'],
      [id, 'funny'],
    ]);
    expect(duplicates.size).toBe(0);
  });
});
