import { v7 } from 'uuid';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import type { Position } from '../../../schemas/position';
import { deferred } from '../../fixtures/deferred';
import { logged, VIDEO } from '../../fixtures/records';
import { ground, WINDOW_MS } from '../parts';

const START = 1_700_000_000_000;

/** A like's record whose producer has stored all earlier ones. */
function storedBefore(offset: number, at = START, id = `like-${offset}`) {
  return logged(offset, { at, id, seq: offset + 1, stored: offset });
}

describe('checkpoint', () => {
  it('stores no record of a live producer, and keeps `done` before it', async () => {
    const { open, store } = ground();
    const partition = open();
    await partition.consume([storedBefore(0), storedBefore(1), storedBefore(2)]);
    expect((await partition.checkpoint()).position.done).toBe(2);
    expect(store.rows.size).toBe(0);
    expect(partition.needsCheckpoint).toBe(true);
  });

  it('stores the records of a silent producer', async () => {
    const { clock, open, store } = ground();
    const partition = open();
    await partition.consume([logged(0, { reaction: 'love', memberId: 'bob' }), logged(1)]);
    await clock.advance(SILENT_MS);
    expect((await partition.checkpoint()).position.done).toBe(2);
    expect(partition.needsCheckpoint).toBe(false);
    expect([...store.rows.values()]).toEqual([
      { id: 'like-0', memberId: 'bob', at: START, body: { reaction: 'love' }, offset: 0 },
      { id: 'like-1', memberId: 'ann', at: START, body: { reaction: 'like' }, offset: 1 },
    ]);
  });

  it('keeps `done` before a record that could not be stored, and stores it later', async () => {
    const { clock, open, store } = ground();
    const partition = open();
    await partition.consume([logged(0)]);
    await clock.advance(SILENT_MS);
    store.isUnavailable = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(partition.needsCheckpoint).toBe(true);
    store.isUnavailable = false;
    expect((await partition.checkpoint()).position.done).toBe(1);
    expect(store.rows.size).toBe(1);
  });

  it('keeps `done` before a record whose state could not be saved', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.consume([storedBefore(0), storedBefore(1)]);
    states.isUnavailable = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    states.isUnavailable = false;
    expect((await partition.checkpoint()).position.done).toBe(1);
    expect(states.total(VIDEO)).toBe(2);
  });

  it('keeps `done` before records that arrive during the checkpoint', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.consume([storedBefore(0), storedBefore(1)]);
    const saved = deferred();
    states.until = saved.promise;
    const checkpoint = partition.checkpoint();
    await partition.consume([storedBefore(2), storedBefore(3)]);
    saved.resolve();
    expect((await checkpoint).position.done).toBe(2);
    expect((await partition.checkpoint()).position.done).toBe(3);
  });

  it('stores, as a successor, the records that a dead owner did not store', async () => {
    const { clock, open, states, store } = ground();
    const first = open();
    const log = [logged(0), logged(1)];
    await first.consume(log);
    const { position } = await first.checkpoint();
    expect(position.done).toBe(0);
    const successor = open(position);
    await successor.consume(log);
    await clock.advance(SILENT_MS);
    await successor.checkpoint();
    expect(store.rows.size).toBe(2);
    expect(states.total(VIDEO)).toBe(2);
  });
});

describe('the offset `counted`', () => {
  it('never falls, although a successor reads again what was counted before', async () => {
    const { open } = ground();
    const partition = open({ done: 5, from: 0, counted: 9 });
    await partition.consume([storedBefore(0, START)]);
    expect((await partition.checkpoint()).position).toMatchObject({ done: 5, counted: 9 });
    await partition.consume(Array.from({ length: 10 }, (_, at) => storedBefore(1 + at, START)));
    expect((await partition.checkpoint()).position).toMatchObject({ counted: 11 });
  });
});

describe('the offset `from`', () => {
  const STEP_MS = 2_000;

  /** Counts and commits a like every two seconds of both clocks; returns the positions. */
  async function positions(likes: number, stepMs = STEP_MS) {
    const { clock, open } = ground();
    const partition = open();
    const all: Position[] = [];
    for (let offset = 0; offset < likes; offset++) {
      const at = START + offset * STEP_MS;
      await partition.consume([storedBefore(offset, at, v7({ msecs: at }))]);
      await clock.advance(stepMs);
      all.push((await partition.checkpoint()).position);
    }
    return all;
  }

  it('is far enough before `done` that a successor reads all ids it needs', async () => {
    for (const { done, from } of await positions(300)) {
      expect(from).toBeLessThanOrEqual(done);
      expect(from === 0 || (done - from) * STEP_MS >= WINDOW_MS).toBe(true);
    }
  });

  it('advances with the log, so that it can be trimmed', async () => {
    const all = (await positions(500)).map(({ from }) => from);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all.at(-1)).toBeGreaterThan(500 - (2 * WINDOW_MS) / STEP_MS);
  });

  it('advances only with the monotonic clock, even if the log’s time jumps', async () => {
    for (const { from } of await positions(500, 1)) expect(from).toBe(0);
  });

  it('comes with the log’s time at `done` or a little before', async () => {
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
    await partition.consume([storedBefore(0, START + year, v7({ msecs: START + year }))]);
    let position = (await partition.checkpoint()).position;
    for (let offset = 1; offset < 600; offset++) {
      const at = START + offset * STEP_MS;
      await partition.consume([storedBefore(offset, at, v7({ msecs: at }))]);
      await clock.advance(STEP_MS);
      position = (await partition.checkpoint()).position;
    }
    expect(position.from).toBeGreaterThan(0);
    expect(position.logTime).toBe(START + year);
    expect(position.lookUpUntil).toBeGreaterThan(START + year);
  });

  it('stays while a successor has not read up to `done`', async () => {
    const { open } = ground();
    const partition = open({ done: 500, from: 380 });
    expect((await partition.checkpoint()).position).toEqual({
      ...{ done: 500, from: 380, counted: 500 },
    });
    await partition.consume([storedBefore(380, START)]);
    expect((await partition.checkpoint()).position).toMatchObject({ done: 500, from: 380 });
  });

  it('precedes likes that a successor does not count again', async () => {
    const { open, states } = ground();
    const log = Array.from({ length: 6 }, (_, offset) => storedBefore(offset));
    const first = open();
    await first.consume(log);
    const { done, from } = (await first.checkpoint()).position;
    const successor = open({ done, from });
    await successor.consume(log.slice(from));
    await successor.checkpoint();
    expect(states.total(VIDEO)).toBe(6);
  });
});
