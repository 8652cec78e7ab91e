import { deferred } from '../../fixtures/deferred';
import { VIDEO } from '../../fixtures/records';
import { duplicatesGround as ground, like, WINDOW_MS } from './duplicates-parts';

describe('an id that an earlier datacenter has counted, too', () => {
  it('is cancelled if our log has it already', async () => {
    const { cancelled, count, duplicates, flush, applyPeer, young } = ground();
    const id = young();
    await count(id);
    await applyPeer(id);
    await flush();
    expect(cancelled()).toEqual([[id, 'like']]);
    expect(duplicates.size).toBe(0);
  });

  it('is cancelled if our log has it later', async () => {
    const { cancelled, count, duplicates, flush, applyPeer, young } = ground();
    const id = young();
    await applyPeer(id);
    await flush();
    expect(cancelled()).toEqual([]);
    await count(id);
    duplicates.counted(like(id));
    await flush();
    expect(cancelled()).toEqual([[id, 'like']]);
  });

  it('is cancelled after the window, because the store has our copy', async () => {
    const { cancelled, clock, flush, applyPeer, storeRow, young } = ground();
    const [ours, peers] = [young(), young()];
    await storeRow(ours, 'funny');
    await clock.advance(2 * WINDOW_MS);
    await applyPeer(peers);
    await applyPeer(ours);
    await flush();
    expect(cancelled()).toEqual([[ours, 'funny']]);
  });
});

describe('ids that are to be cancelled when the log is closed', () => {
  it('are kept, and reported once for each number of them', async () => {
    const { applyPeer, cancelled, count, duplicates, failures, flush, log, young } = ground();
    const ids = [young(), young()];
    for (const id of ids) await count(id);
    log.isClosed = true;
    for (const id of ids) {
      await applyPeer(id);
      await flush();
      await flush();
    }
    expect(failures).toHaveLength(2);
    expect(failures[1]).toMatch(/cannot cancel: 2\..*npm run recount/);
    expect(duplicates.size).toBe(2);
    log.isClosed = false;
    await flush();
    expect(cancelled().map(([id]) => id)).toEqual(ids);
  });
});

describe('an id for which memory is not definite', () => {
  it('is not looked up while it is young', async () => {
    const { applyPeer, store, young } = ground();
    await applyPeer(young());
    expect(store.lookUps).toEqual([]);
  });

  it('is not cancelled again if it was cancelled before', async () => {
    const { clock, count, duplicates, applyPeer, ours, store, cancelledIds, young } = ground();
    const id = young();
    await count(id);
    cancelledIds.add(id);
    await applyPeer(id);
    ours.clear();
    cancelledIds.clear();
    await store.withdraw(VIDEO, [id]);
    await clock.advance(2 * WINDOW_MS);
    await applyPeer(id);
    expect(duplicates.size).toBe(0);
  });

  it('is looked up, although young, until our log is read', async () => {
    const { cancelled, flush, applyPeer, ours, own, storeRow, young } = ground();
    own.isRead = false;
    const [stored, read] = [young(), young()];
    ours.add(read);
    await storeRow(stored, 'funny');
    await applyPeer(stored);
    await applyPeer(read);
    await flush();
    expect(cancelled()).toEqual([[stored, 'funny']]);
  });

  it('is cancelled although it is not stored yet, unless it is withdrawn', async () => {
    const { cancelled, clock, flush, applyPeer, unstoredReactions, store, storeRow, young } =
      ground();
    const [unstored, withdrawn] = [young(), young()];
    unstoredReactions.set(unstored, 'love').set(withdrawn, 'love');
    await storeRow(withdrawn, 'love');
    await store.withdraw(VIDEO, [withdrawn]);
    await clock.advance(2 * WINDOW_MS);
    await applyPeer(unstored);
    await applyPeer(withdrawn);
    await flush();
    expect(cancelled()).toEqual([[unstored, 'love']]);
  });

  it('is looked up, although young, in a channel with ids of the future', async () => {
    const { cancelled, clock, flush, applyPeer, own, storeRow, young } = ground();
    own.lookUpUntil = clock.now() + 1;
    const id = young();
    await storeRow(id, 'funny');
    await applyPeer(id);
    await flush();
    expect(cancelled()).toEqual([[id, 'funny']]);
  });

  it('is cancelled if the store has it from an earlier datacenter', async () => {
    const { duplicates, young } = ground();
    duplicates.counted(like(young()), ['dc3.1']);
    expect(duplicates.size).toBe(0);
    duplicates.counted(like(young()), ['dc3.1', 'dc1.1']);
    expect(duplicates.size).toBe(1);
  });
});

describe('a pending cancel', () => {
  it('is added for a copy that is counted during the look-up', async () => {
    const { cancelled, count, duplicates, flush, applyPeer, store } = ground();
    await count('not-a-uuid');
    const { promise, resolve } = deferred<void>();
    store.until = promise;
    const applied = applyPeer('not-a-uuid');
    duplicates.counted(like('not-a-uuid'));
    resolve();
    await applied;
    await flush();
    expect(cancelled()).toEqual([['not-a-uuid', 'like']]);
  });

  it('is appended once the log is available again', async () => {
    const { cancelled, count, duplicates, flush, applyPeer, log, young } = ground();
    const id = young();
    await count(id);
    await applyPeer(id);
    log.isUnavailable = true;
    await expect(flush()).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(duplicates.size).toBe(1);
    log.isUnavailable = false;
    await flush();
    expect(cancelled()).toHaveLength(1);
  });
});
