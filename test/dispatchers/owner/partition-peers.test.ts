import { v7 } from 'uuid';
import type { LogRecord } from '../../../adapters/log-source';
import { encodeRecord } from '../../../schemas/record';
import { logged, VIDEO } from '../../fixtures/records';
import { countsIn, ORIGIN, WINDOW_MS } from '../parts';
import { LIKE, later, like, START } from './peer-parts';

/** The record of a cancel. */
function cancel(offset: number, cancels = LIKE, at = START): LogRecord {
  const value = encodeRecord({ cancels, undoKey: 'like', at });
  return { offset, key: VIDEO, value, appendedAt: at };
}

describe('a cancel', () => {
  it('lowers the count by one, once, although the log has it twice', async () => {
    const { open, states } = later();
    const partition = open();
    await partition.consume([like(0), like(1, 'other'), cancel(2), cancel(3)]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
    expect(states.own(VIDEO)?.version).toBe(3);
  });

  it.each([0, 1, 2, 3])('gives the same counts if a successor begins at offset %i', async (at) => {
    const { open, states } = later();
    const records = [like(0), cancel(1), cancel(2), like(3)];
    const first = open();
    await first.consume(records.slice(0, at));
    const { position } = await first.checkpoint();
    const second = open(position);
    await second.consume(records.slice(position.from));
    await second.checkpoint();
    expect(states.total(VIDEO)).toBe(0);
  });

  it('withdraws the row before its position is done', async () => {
    const { open, store, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.consume([like(0), cancel(1)]);
    store.isUnavailable = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(partition.needsCheckpoint).toBe(true);
    store.isUnavailable = false;
    await partition.checkpoint();
    expect(store.withdrawn).toEqual(new Set([`${VIDEO}/${LIKE}`]));
  });
});

describe('an update of another datacenter', () => {
  it('is dispatched with our own state, and does not change our counts', async () => {
    const { open, peerUpdate, states } = later();
    const partition = open();
    await partition.consume([like(0)]);
    const [update] = (await partition.applyPeerUpdates([peerUpdate(['elsewhere'])])).updates;
    expect(update?.vector).toMatchObject({
      [ORIGIN]: { state: { like: 1 } },
      'dc0.1': { state: { like: 1 } },
    });
    const [next] = await partition.consume([like(1, 'another')]);
    expect(Object.keys(next?.update.vector ?? {}).sort()).toEqual(['dc0.1', ORIGIN]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(2);
    expect(states.cells.size).toBe(1);
  });

  it('never replaces a newer state of its origin', async () => {
    const { open, peerUpdate } = later();
    const partition = open();
    await partition.applyPeerUpdates([peerUpdate(['a', 'b'], 7)]);
    const [update] = (await partition.applyPeerUpdates([peerUpdate(['a'], 3)])).updates;
    expect(update?.vector['dc0.1']).toMatchObject({ version: 7, state: { like: 2 } });
  });

  it('cancels our copy, before or after that is counted', async () => {
    const { cancelledIds, open, peerUpdate, storeRow } = later();
    const [first, second] = [open(), open()];
    await second.applyPeerUpdates([peerUpdate([LIKE])]);
    await storeRow();
    await first.consume([like(0)]);
    await first.applyPeerUpdates([peerUpdate([LIKE])]);
    await second.consume([like(0)]);
    expect(second.needsCheckpoint).toBe(true);
    await second.checkpoint();
    const cancels = cancelledIds();
    expect(cancels).toEqual([LIKE, LIKE]);
  });

  it('is found by a look-up if our copy is counted after the peer’s id was evicted', async () => {
    const { cancelledIds, clock, open, store, storeRow } = later();
    await storeRow();
    store.elsewhere.set(`${VIDEO}/${LIKE}`, ['dc0.1']);
    await open().consume([like(0, LIKE, clock.now())]);
    expect(store.lookUps).toEqual([]);
    const partition = open();
    await partition.consume([like(0, LIKE, clock.now() - WINDOW_MS / 2)]);
    await partition.checkpoint();
    expect(cancelledIds()).toEqual([LIKE]);
  });

  it('keeps the position until the cancel is in the log', async () => {
    const { log, open, peerUpdate, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    await partition.consume([like(0)]);
    log.isUnavailable = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'log_unavailable' });
    log.isUnavailable = false;
    expect((await partition.checkpoint()).position.done).toBe(1);
  });
});

describe('a like that is to be cancelled after the log was drained', () => {
  it('is reported, and neither the position nor the peer waits for it', async () => {
    const { failures, log, open, peerUpdate, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.consume([like(0)]);
    await partition.checkpoint();
    log.isClosed = true;
    const { updates } = await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    expect(updates).toHaveLength(1);
    expect((await partition.checkpoint()).position.done).toBe(1);
    expect(failures).toEqual(['cancel']);
  });

  it('is cancelled if the drain is undone', async () => {
    const { cancelledIds, log, open, peerUpdate, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.consume([like(0)]);
    log.isClosed = true;
    await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    expect(partition.needsCheckpoint).toBe(true);
    log.isClosed = false;
    await partition.checkpoint();
    expect(cancelledIds()).toEqual([LIKE]);
  });
});

describe('an update with a like that our log cannot cancel now', () => {
  it('is dispatched, and the like is kept until it is cancelled', async () => {
    const { cancelledIds, log, open, peerUpdate, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.consume([like(0)]);
    log.refuses = true;
    const { uncancelled, updates } = await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    expect(updates).toMatchObject([{ vector: { 'dc0.1': { version: 1 } } }]);
    expect(uncancelled).toMatchObject({ code: 'log_refused' });
    expect(partition.isCancelPending).toBe(true);
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'log_refused' });
    expect(partition.isCancelPending).toBe(true);
    log.refuses = false;
    await partition.checkpoint();
    expect(cancelledIds()).toEqual([LIKE]);
    expect(partition.isCancelPending).toBe(false);
  });

  it('holds no position if our log has the cancel of an earlier owner', async () => {
    const { log, open, peerUpdate, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.consume([like(0)]);
    log.refuses = true;
    await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    await partition.consume([cancel(1)]);
    expect(partition.isCancelPending).toBe(false);
  });

  it('holds no position if only a row is missing, so that the reaction is unknown', async () => {
    const { open, peerUpdate } = later();
    const partition = open();
    await partition.consume([like(0)]);
    await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    expect([partition.needsCheckpoint, partition.isCancelPending]).toEqual([true, false]);
  });
});

describe('an update of another datacenter, applied by a new owner', () => {
  it('is rejected until our own log is read, so that it needs no look-up', async () => {
    const { open, peerUpdate, store } = later();
    const partition = open({ done: 0, from: 0, end: 2 });
    const early = partition.applyPeerUpdates([peerUpdate([LIKE])]);
    await expect(early).rejects.toMatchObject({ code: 'log_unavailable' });
    await partition.consume([like(0, v7({ msecs: START })), like(1, v7({ msecs: START }))]);
    await partition.applyPeerUpdates([peerUpdate([LIKE])]);
    expect(store.lookUps).toEqual([]);
  });

  it('is applied at once if it is a replay, and compared with likes that follow', async () => {
    const { cancelledIds, open, peerUpdate, store, storeRow } = later();
    await storeRow();
    const partition = open({ done: 0, from: 0, end: 2 });
    const replay = { ...peerUpdate([LIKE, 'old']), isReplay: true };
    expect((await partition.applyPeerUpdates([replay])).updates).toHaveLength(1);
    expect((await partition.applyPeerUpdates([replay])).updates).toHaveLength(1);
    await partition.consume([like(0, v7({ msecs: START })), like(1)]);
    await partition.checkpoint();
    expect(cancelledIds()).toEqual([LIKE]);
    // Memory has no id without a time.
    expect(store.lookUps.flat()).toEqual(['old', 'old', LIKE]);
  });
});

test('cancels a copy that a successor counts before it reads a peer’s update again', async () => {
  const { cancelledIds, open, peerUpdate, storeRow } = later();
  await storeRow();
  const partition = open({ done: 0, from: 0, end: 0 });
  await partition.consume([like(0)]);
  await partition.applyPeerUpdates([{ ...peerUpdate([LIKE]), isReplay: true }]);
  await partition.checkpoint();
  expect(cancelledIds()).toEqual([LIKE]);
});

test('cancels the reaction that our log counted first, before its row is written', async () => {
  const { log, open, peerUpdate, states, storeRow } = later();
  const partition = open();
  await storeRow('funny');
  const first = { id: LIKE, at: START, reaction: 'love' };
  await partition.consume([logged(0, first), logged(1, { ...first, reaction: 'funny' })]);
  await partition.applyPeerUpdates([peerUpdate([LIKE])]);
  const value = log.entries[0]?.value ?? '';
  expect(JSON.parse(value)).toMatchObject({ cancels: LIKE, undoKey: 'love' });
  await partition.consume([{ offset: 2, key: VIDEO, value, appendedAt: START }]);
  await partition.checkpoint();
  expect(countsIn(states.own(VIDEO))).toEqual({ love: 0 });
});
