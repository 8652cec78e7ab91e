import { v7 } from 'uuid';
import type { Position } from '../../dispatchers/source';
import { SILENT_MS } from '../../dispatchers/unstored';
import { deferred } from '../fixtures/deferred';
import { logged, VIDEO } from '../fixtures/records';
import { ground, WINDOW_MS } from './parts';

const START = 1_700_000_000_000;

/** A like's record whose producer has stored all before it. */
function storedBefore(offset: number, at = START, likeId = `like-${offset}`) {
  return logged(offset, { at, likeId, seq: offset + 1, stored: offset });
}

describe('settling', () => {
  it('stores nothing for a producer that is heard of, and waits with `done`', async () => {
    const { open, store } = ground();
    const partition = open();
    await partition.take([storedBefore(0), storedBefore(1), storedBefore(2)]);
    expect((await partition.settle()).done).toBe(2);
    expect(store.rows.size).toBe(0);
    expect(partition.unsettled).toBe(true);
  });

  it('stores what a producer that fell silent has left', async () => {
    const { clock, open, store } = ground();
    const partition = open();
    await partition.take([logged(0, { reaction: 'love', memberId: 'bob' }), logged(1)]);
    await clock.advance(SILENT_MS);
    expect((await partition.settle()).done).toBe(2);
    expect(partition.unsettled).toBe(false);
    const rest = { videoId: '42', at: START };
    expect([...store.rows.values()]).toEqual([
      { likeId: 'like-0', memberId: 'bob', reaction: 'love', offset: 0, ...rest },
      { likeId: 'like-1', memberId: 'ann', reaction: 'like', offset: 1, ...rest },
    ]);
  });

  it('is not done with what could not be stored, and stores it the next time', async () => {
    const { clock, open, store } = ground();
    const partition = open();
    await partition.take([logged(0)]);
    await clock.advance(SILENT_MS);
    store.away = true;
    await expect(partition.settle()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(partition.unsettled).toBe(true);
    store.away = false;
    expect((await partition.settle()).done).toBe(1);
    expect(store.rows.size).toBe(1);
  });

  it('is not done with what could not be saved', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.take([storedBefore(0), storedBefore(1)]);
    states.away = true;
    await expect(partition.settle()).rejects.toMatchObject({ code: 'store_unavailable' });
    states.away = false;
    expect((await partition.settle()).done).toBe(1);
    expect(states.total(VIDEO)).toBe(2);
  });

  it('is not done with what came while it settled', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.take([storedBefore(0), storedBefore(1)]);
    const saved = deferred();
    states.until = saved.promise;
    const settling = partition.settle();
    await partition.take([storedBefore(2), storedBefore(3)]);
    saved.resolve();
    expect((await settling).done).toBe(2);
    expect((await partition.settle()).done).toBe(3);
  });

  it('has a successor store what a dead producer and a dead owner have left', async () => {
    const { clock, open, states, store } = ground();
    const first = open();
    const log = [logged(0), logged(1)];
    await first.take(log);
    const position = await first.settle();
    expect(position.done).toBe(0);
    const successor = open(position);
    await successor.take(log);
    await clock.advance(SILENT_MS);
    await successor.settle();
    expect(store.rows.size).toBe(2);
    expect(states.total(VIDEO)).toBe(2);
  });
});

describe('where a successor reads from', () => {
  const STEP_MS = 2_000;

  /** Counts and commits a like every two seconds of both clocks; returns the positions. */
  async function positions(likes: number, stepMs = STEP_MS) {
    const { clock, open } = ground();
    const partition = open();
    const all: Position[] = [];
    for (let offset = 0; offset < likes; offset++) {
      const at = START + offset * STEP_MS;
      await partition.take([storedBefore(offset, at, v7({ msecs: at }))]);
      await clock.advance(stepMs);
      all.push(await partition.settle());
    }
    return all;
  }

  it('is far enough before `done` that a successor knows all ids it needs', async () => {
    for (const { done, from } of await positions(300)) {
      expect(from).toBeLessThanOrEqual(done);
      expect(from === 0 || (done - from) * STEP_MS >= WINDOW_MS).toBe(true);
    }
  });

  it('moves on with the log, so that it can be trimmed', async () => {
    const all = (await positions(500)).map(({ from }) => from);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all.at(-1)).toBeGreaterThan(500 - (2 * WINDOW_MS) / STEP_MS);
  });

  it('advances only with the monotonic clock, even if the log’s time jumps', async () => {
    for (const { from } of await positions(500, 1)) expect(from).toBe(0);
  });

  it('has the log’s time at `done` or a little before', async () => {
    for (const { done, logTime } of (await positions(300)).slice(20)) {
      const doneAt = START + done * STEP_MS;
      expect(logTime).toBeLessThanOrEqual(doneAt);
      expect(logTime).toBeGreaterThan(doneAt - WINDOW_MS / 4);
    }
  });

  it('advances after a log time that was years ahead; then all ids are looked up', async () => {
    const { clock, open } = ground();
    const partition = open();
    const year = 365 * 24 * 3_600_000;
    await partition.take([storedBefore(0, START + year, v7({ msecs: START + year }))]);
    let position = await partition.settle();
    for (let offset = 1; offset < 600; offset++) {
      const at = START + offset * STEP_MS;
      await partition.take([storedBefore(offset, at, v7({ msecs: at }))]);
      await clock.advance(STEP_MS);
      position = await partition.settle();
    }
    expect(position.from).toBeGreaterThan(0);
    expect(position.logTime).toBe(START + year);
    expect(position.lookUpUntil).toBeGreaterThan(START + year);
  });

  it('does not move while a successor has not read up to what is done', async () => {
    const { open } = ground();
    const partition = open({ done: 500, from: 380 });
    expect(await partition.settle()).toEqual({ done: 500, from: 380, counted: 500 });
    await partition.take([storedBefore(380, START)]);
    expect(await partition.settle()).toMatchObject({ done: 500, from: 380 });
  });

  it('does not count again what an earlier owner has', async () => {
    const { open, states } = ground();
    const log = Array.from({ length: 6 }, (_, offset) => storedBefore(offset));
    const first = open();
    await first.take(log);
    const { done, from } = await first.settle();
    const successor = open({ done, from });
    await successor.take(log.slice(from));
    await successor.settle();
    expect(states.total(VIDEO)).toBe(6);
  });
});
