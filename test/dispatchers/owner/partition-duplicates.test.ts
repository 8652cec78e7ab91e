import { v7 } from 'uuid';
import { VIDEO } from '../../fixtures/records';
import { ORIGIN, WINDOW_MS } from '../parts';
import { LIKE_ID, laterDatacenter, like, START } from './later-datacenter';

describe('a peer update', () => {
  it('is delivered with our own state, and does not change it', async () => {
    const { open, states, updateWith } = laterDatacenter();
    const partition = open();
    await partition.consume([like(0)]);
    const [update] = (await partition.applyPeerUpdates([updateWith(['elsewhere'])])).updates;
    expect(update?.vector).toMatchObject({
      [ORIGIN]: { counts: { like: 1 } },
      'dc0.1': { counts: { like: 1 } },
    });
    const [next] = await partition.consume([like(1, 'another')]);
    expect(Object.keys(next?.update.vector ?? {}).sort()).toEqual(['dc0.1', ORIGIN]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(2);
    expect(states.cells.size).toBe(1);
  });

  it('never replaces a newer one', async () => {
    const { open, updateWith } = laterDatacenter();
    const partition = open();
    await partition.applyPeerUpdates([updateWith(['a', 'b'], 7)]);
    const [update] = (await partition.applyPeerUpdates([updateWith(['a'], 3)])).updates;
    expect(update?.vector['dc0.1']).toMatchObject({ version: 7, counts: { like: 2 } });
  });

  it('cancels our copy, whether it comes before or after it', async () => {
    const { log, open, storeRow, updateWith } = laterDatacenter();
    const [ours, theirs] = [open(), open()];
    await theirs.applyPeerUpdates([updateWith([LIKE_ID])]);
    await storeRow();
    await ours.consume([like(0)]);
    await ours.applyPeerUpdates([updateWith([LIKE_ID])]);
    await theirs.consume([like(0)]);
    expect(theirs.needsCheckpoint).toBe(true);
    await theirs.checkpoint();
    const cancels = log.entries.map(({ value }) => JSON.parse(value).cancels);
    expect(cancels).toEqual([LIKE_ID, LIKE_ID]);
  });

  it('is looked up in the store for a copy that is counted after its entry expired', async () => {
    const { clock, log, open, store, storeRow } = laterDatacenter();
    await storeRow();
    store.elsewhere.set(`${VIDEO}/${LIKE_ID}`, ['dc0.1']);
    await open().consume([like(0, LIKE_ID, clock.now())]);
    expect(store.lookUps).toEqual([]);
    const partition = open();
    await partition.consume([like(0, LIKE_ID, clock.now() - WINDOW_MS / 2)]);
    await partition.checkpoint();
    expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
  });

  it('keeps the position before a copy to cancel while the log is unavailable', async () => {
    const { log, open, storeRow, updateWith } = laterDatacenter();
    await storeRow();
    const partition = open();
    await partition.applyPeerUpdates([updateWith([LIKE_ID])]);
    await partition.consume([like(0)]);
    log.away = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'log_unavailable' });
    log.away = false;
    expect((await partition.checkpoint()).done).toBe(1);
  });
});

describe('a peer update for a new owner', () => {
  it('is refused until our own log is read, so that no id is looked up', async () => {
    const { open, store, updateWith } = laterDatacenter();
    const partition = open({ done: 0, from: 0, end: 2 });
    const early = partition.applyPeerUpdates([updateWith([LIKE_ID])]);
    await expect(early).rejects.toMatchObject({ code: 'log_unavailable' });
    await partition.consume([like(0, v7({ msecs: START })), like(1, v7({ msecs: START }))]);
    await partition.applyPeerUpdates([updateWith([LIKE_ID])]);
    expect(store.lookUps).toEqual([]);
  });

  it('is applied at once as a replay, and compared with new likes', async () => {
    const { log, open, store, storeRow, updateWith } = laterDatacenter();
    await storeRow();
    const partition = open({ done: 0, from: 0, end: 2 });
    const replay = { ...updateWith([LIKE_ID, 'old']), isReplay: true };
    expect((await partition.applyPeerUpdates([replay])).updates).toHaveLength(1);
    expect((await partition.applyPeerUpdates([replay])).updates).toEqual([]);
    await partition.consume([like(0, v7({ msecs: START })), like(1)]);
    await partition.checkpoint();
    expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
    // Ids without a time are only in the store.
    expect(store.lookUps.flat()).toEqual(['old', 'old', LIKE_ID]);
  });
});
