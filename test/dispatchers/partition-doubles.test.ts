import { v7 } from 'uuid';
import { Doubles } from '../../dispatchers/doubles';
import { Peers } from '../../dispatchers/peers';
import type { LogRecord, Position } from '../../dispatchers/source';
import { SILENT_MS } from '../../dispatchers/unstored';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { logged, VIDEO } from '../fixtures/records';
import { FakeLog } from '../producers/parts';
import { ground, ORIGIN, WINDOW_MS } from './parts';

const START = 1_700_000_000_000;
const LIKE_ID = v7({ msecs: START });

function like(offset: number, likeId = LIKE_ID, at = START): LogRecord {
  return logged(offset, { likeId, at, seq: offset + 1, stored: offset + 1 });
}

function cancel(offset: number, cancels = LIKE_ID, at = START): LogRecord {
  const value = JSON.stringify({ cancels, reaction: 'like', at });
  return { offset, key: VIDEO, value, appendedAt: at };
}

/** A partition of the later of two datacenters. */
function later() {
  const parts = ground();
  const log = new FakeLog();
  const failures: string[] = [];
  const { clock, store } = parts;
  const open = (position: Position & { end?: number } = { done: 0, from: 0 }) => {
    const doubles = new Doubles({
      origin: 'dc1.1',
      log,
      store,
      clock,
      dedupe: new DedupeWindow(WINDOW_MS),
      failed: (doing) => void failures.push(doing),
    });
    return parts.open(position, new Peers({ doubles, secret: 'secret' }));
  };
  const told = (ids: readonly string[], version = 1) => ({
    ...{ channel: VIDEO, t: START, origin: 'dc0.1', taken: ids, isAgain: false },
    vector: { 'dc0.1': { version, counts: { like: ids.length } } },
  });
  /** Stores the row of our copy, as a producer does before its record says so. */
  const storeRow = (reaction = 'like') => {
    const row = { likeId: LIKE_ID, videoId: '42', memberId: 'ann', reaction, at: START };
    return store.insert(VIDEO, [{ ...row, offset: 0 }]);
  };
  return { ...parts, failures, log, open, storeRow, told };
}

describe('a record that takes a like back', () => {
  it('has it counted one less, once, however often it is there', async () => {
    const { open, states } = later();
    const partition = open();
    await partition.take([like(0), like(1, 'other'), cancel(2), cancel(3)]);
    await partition.settle();
    expect(states.total(VIDEO)).toBe(1);
    expect(states.cells.get(`${VIDEO}/${ORIGIN}`)?.version).toBe(3);
  });

  it.each([0, 1, 2, 3])('is worth the same to who takes over at %i', async (at) => {
    const { open, states } = later();
    const records = [like(0), cancel(1), cancel(2), like(3)];
    const first = open();
    await first.take(records.slice(0, at));
    const position = await first.settle();
    const second = open(position);
    await second.take(records.slice(position.from));
    await second.settle();
    expect(states.total(VIDEO)).toBe(0);
  });

  it('has the store forget our copy before it is done with', async () => {
    const { open, store, storeRow } = later();
    await storeRow();
    const partition = open();
    await partition.take([like(0), cancel(1)]);
    store.away = true;
    await expect(partition.settle()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(partition.unsettled).toBe(true);
    store.away = false;
    await partition.settle();
    expect(store.withdrawn).toEqual(new Set([`${VIDEO}/${LIKE_ID}`]));
  });
});

describe('what another datacenter tells', () => {
  it('is told on with our own, and is not counted to ours', async () => {
    const { open, states, told } = later();
    const partition = open();
    await partition.take([like(0)]);
    const [update] = (await partition.hear([told(['elsewhere'])])).updates;
    expect(update?.vector).toMatchObject({
      [ORIGIN]: { counts: { like: 1 } },
      'dc0.1': { counts: { like: 1 } },
    });
    const [next] = await partition.take([like(1, 'another')]);
    expect(Object.keys(next?.update.vector ?? {}).sort()).toEqual(['dc0.1', ORIGIN]);
    await partition.settle();
    expect(states.total(VIDEO)).toBe(2);
    expect(states.cells.size).toBe(1);
  });

  it('never moves what it told before back', async () => {
    const { open, told } = later();
    const partition = open();
    await partition.hear([told(['a', 'b'], 7)]);
    const [update] = (await partition.hear([told(['a'], 3)])).updates;
    expect(update?.vector['dc0.1']).toMatchObject({ version: 7, counts: { like: 2 } });
  });

  it('has our copy taken back, whichever came first', async () => {
    const { log, open, storeRow, told } = later();
    const [ours, theirs] = [open(), open()];
    await theirs.hear([told([LIKE_ID])]);
    await storeRow();
    await ours.take([like(0)]);
    await ours.hear([told([LIKE_ID])]);
    await theirs.take([like(0)]);
    expect(theirs.unsettled).toBe(true);
    await theirs.settle();
    const cancels = log.entries.map(({ value }) => JSON.parse(value).cancels);
    expect(cancels).toEqual([LIKE_ID, LIKE_ID]);
  });

  it('is looked up for a copy that is counted after the peer’s update is forgotten', async () => {
    const { clock, log, open, store, storeRow } = later();
    await storeRow();
    store.elsewhere.set(`${VIDEO}/${LIKE_ID}`, ['dc0.1']);
    await open().take([like(0, LIKE_ID, clock.now())]);
    expect(store.lookUps).toEqual([]);
    const partition = open();
    await partition.take([like(0, LIKE_ID, clock.now() - WINDOW_MS / 2)]);
    await partition.settle();
    expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
  });

  it('is not done with a like that is to be taken back while the log is away', async () => {
    const { log, open, storeRow, told } = later();
    await storeRow();
    const partition = open();
    await partition.hear([told([LIKE_ID])]);
    await partition.take([like(0)]);
    log.away = true;
    await expect(partition.settle()).rejects.toMatchObject({ code: 'log_unavailable' });
    log.away = false;
    expect((await partition.settle()).done).toBe(1);
  });
});

describe('a like that is to be taken back after the log was drained', () => {
  it('is reported, and neither the position nor the peer waits for it', async () => {
    const { failures, log, open, storeRow, told } = later();
    await storeRow();
    const partition = open();
    await partition.take([like(0)]);
    await partition.settle();
    log.isClosed = true;
    const { updates } = await partition.hear([told([LIKE_ID])]);
    expect(updates).toHaveLength(1);
    expect((await partition.settle()).done).toBe(1);
    expect(failures).toEqual(['cancel']);
  });

  it('is taken back if the drain is undone', async () => {
    const { log, open, storeRow, told } = later();
    await storeRow();
    const partition = open();
    await partition.take([like(0)]);
    log.isClosed = true;
    await partition.hear([told([LIKE_ID])]);
    expect(partition.unsettled).toBe(true);
    log.isClosed = false;
    await partition.settle();
    expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
  });
});

describe('an update with a like that our log cannot cancel now', () => {
  it('is delivered, and the like is kept until it is cancelled', async () => {
    const { log, open, storeRow, told } = later();
    await storeRow();
    const partition = open();
    await partition.take([like(0)]);
    log.refuses = true;
    const { uncancelled, updates } = await partition.hear([told([LIKE_ID])]);
    expect(updates).toMatchObject([{ vector: { 'dc0.1': { version: 1 } } }]);
    expect(uncancelled).toMatchObject({ code: 'log_refused' });
    expect(partition.isCancelPending).toBe(true);
    await expect(partition.settle()).rejects.toMatchObject({ code: 'log_refused' });
    expect(partition.isCancelPending).toBe(true);
    log.refuses = false;
    await partition.settle();
    expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
    expect(partition.isCancelPending).toBe(false);
  });

  it('holds no position if our log has the cancel of an earlier owner', async () => {
    const { log, open, storeRow, told } = later();
    await storeRow();
    const partition = open();
    await partition.take([like(0)]);
    log.refuses = true;
    await partition.hear([told([LIKE_ID])]);
    await partition.take([cancel(1)]);
    expect(partition.isCancelPending).toBe(false);
  });

  it('holds no position if only a row is missing, whose reaction is not known', async () => {
    const { open, told } = later();
    const partition = open();
    await partition.take([like(0)]);
    await partition.hear([told([LIKE_ID])]);
    expect([partition.unsettled, partition.isCancelPending]).toEqual([true, false]);
  });
});

describe('what another datacenter tells a new owner', () => {
  it('is not heard before our own log is read, so that none of it is asked of the store', async () => {
    const { open, store, told } = later();
    const partition = open({ done: 0, from: 0, end: 2 });
    const early = partition.hear([told([LIKE_ID])]);
    await expect(early).rejects.toMatchObject({ code: 'log_unavailable' });
    await partition.take([like(0, v7({ msecs: START })), like(1, v7({ msecs: START }))]);
    await partition.hear([told([LIKE_ID])]);
    expect(store.lookUps).toEqual([]);
  });

  it('is learned by a new owner at once where it was heard before, and compared with new likes', async () => {
    const { log, open, store, storeRow, told } = later();
    await storeRow();
    const partition = open({ done: 0, from: 0, end: 2 });
    const again = { ...told([LIKE_ID, 'old']), isAgain: true };
    expect((await partition.hear([again])).updates).toHaveLength(1);
    expect((await partition.hear([again])).updates).toHaveLength(1);
    await partition.take([like(0, v7({ msecs: START })), like(1)]);
    await partition.settle();
    expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
    // An id without a time is in no memory.
    expect(store.lookUps.flat()).toEqual(['old', 'old', LIKE_ID]);
  });
});

test('publishes each counted like, and again as a successor before it is done', async () => {
  const { open } = later();
  const [a, b] = [v7({ msecs: START }), v7({ msecs: START })];
  const records = [like(0, a), like(1, a), like(2, b)];
  for (const partition of [open(), open()]) {
    const counted = (await partition.take(records)).flatMap((publication) => publication.counted);
    expect(counted).toEqual([a, b]);
  }
});

test('publishes a like again that was stored late, before its position is done', async () => {
  const { clock, open } = later();
  const partition = open();
  await partition.take([logged(0, { likeId: LIKE_ID, at: START })]);
  await clock.advance(SILENT_MS);
  await partition.settle();
  const ids = (await partition.takeRepublished()).flatMap(({ counted }) => counted);
  expect(ids).toEqual([LIKE_ID]);
  expect(await partition.takeRepublished()).toEqual([]);
});

test('cancels a copy that a successor counts before it reads a peer’s update again', async () => {
  const { log, open, storeRow, told } = later();
  await storeRow();
  const partition = open({ done: 0, from: 0, end: 0 });
  await partition.take([like(0)]);
  await partition.hear([{ ...told([LIKE_ID]), isAgain: true }]);
  await partition.settle();
  expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
});

test('cancels the reaction that our log counted first, before its row is written', async () => {
  const { log, open, states, storeRow, told } = later();
  const partition = open();
  await storeRow('funny');
  const first = { likeId: LIKE_ID, at: START, reaction: 'love' };
  await partition.take([logged(0, first), logged(1, { ...first, reaction: 'funny' })]);
  await partition.hear([told([LIKE_ID])]);
  const value = log.entries[0]?.value ?? '';
  expect(JSON.parse(value)).toMatchObject({ cancels: LIKE_ID, reaction: 'love' });
  await partition.take([{ offset: 2, key: VIDEO, value, appendedAt: START }]);
  await partition.settle();
  expect(states.cells.get(`${VIDEO}/${ORIGIN}`)?.counts).toEqual({ love: 0 });
});

describe('an old id that a later datacenter counted, too', () => {
  const OLD = 'an-old-id';
  const heardFromLater = (isAgain = false) => ({
    ...{ channel: VIDEO, t: START, origin: 'dc2.1', taken: [OLD, 'theirs'], isAgain },
    vector: { 'dc2.1': { version: 1, counts: { like: 2 } } },
  });

  it('is published again with the state of our log, and not for a replay', async () => {
    const { open } = later();
    const partition = open();
    await partition.take([logged(0, { likeId: OLD, at: START })]);
    const { republished } = await partition.hear([heardFromLater()]);
    expect(republished.map(({ counted }) => counted)).toEqual([[OLD]]);
    expect(republished[0]?.update.vector).toMatchObject({
      [ORIGIN]: { version: 0, counts: { like: 1 } },
    });
    expect((await partition.hear([heardFromLater(true)])).republished).toEqual([]);
  });

  it('is not heard while the store is away, so it is offered again', async () => {
    const { open, store } = later();
    const partition = open();
    store.away = true;
    const heard = partition.hear([heardFromLater()]);
    await expect(heard).rejects.toMatchObject({ code: 'store_unavailable' });
    store.away = false;
    expect((await partition.hear([heardFromLater()])).republished).toEqual([]);
  });
});
