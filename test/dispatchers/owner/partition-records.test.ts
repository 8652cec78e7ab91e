import { v7 } from 'uuid';
import type { LogRecord } from '../../../adapters/log-source';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import { encodeRecord } from '../../../schemas/record';
import { loggedTogether, VIDEO } from '../../fixtures/records';
import { countsIn, ground, ORIGIN, views, votes, WINDOW_MS } from '../parts';
import { later } from './peer-parts';

const START = 1_700_000_000_000;

const young = (at = START): string => v7({ msecs: at });

/** The record of votes of these members; all of the producer's appends are stored. */
function voted(offset: number, ...members: readonly string[]): LogRecord {
  const entries = members.map((id) => ({ id, memberId: id, at: START, body: { option: 'yes' } }));
  const value = encodeRecord({ producer: 'a', seq: offset + 1, stored: offset + 1, entries });
  return { offset, key: VIDEO, value, appendedAt: START };
}

describe('a record with several entries', () => {
  it('is folded at once: a successor that reads it again counts nothing', async () => {
    const { open, states } = ground();
    const [a, b, c] = [young(), young(), young()];
    const first = open();
    const record = loggedTogether(0, [{ id: a }, { id: b, reaction: 'love' }, { id: c }]);
    const [publication] = await first.consume([record]);
    const vector = { [ORIGIN]: { version: 0, state: { like: 2, love: 1 } } };
    expect(publication?.update).toEqual({ channel: VIDEO, type: 'likes', t: START, vector });
    const { position } = await first.checkpoint();
    expect(position.done).toBe(0);
    const successor = open(position);
    const [again] = await successor.consume([record]);
    expect(again?.update.vector).toEqual(vector);
    await successor.checkpoint();
    expect(countsIn(states.own(VIDEO))).toEqual({ like: 2, love: 1 });
  });

  it('counts only those that are no copies, and its version advances if all are', async () => {
    const { open, states, store } = ground();
    const [a, b, c] = [young(), young(), young()];
    const partition = open();
    await partition.consume([
      loggedTogether(0, [{ id: a, producer: 'one' }, { id: b }]),
      loggedTogether(1, [{ id: b, producer: 'two', reaction: 'love' }, { id: c }]),
      loggedTogether(2, [{ id: c, producer: 'two' }, { id: a }]),
    ]);
    await partition.checkpoint();
    expect(states.own(VIDEO)).toMatchObject({ version: 2, state: { like: 3 } });
    expect(store.lookUps).toEqual([]);
  });

  it('counts an id once that it has twice, and stores its first entry', async () => {
    const { clock, open, states, store } = ground();
    const partition = open();
    for (const [offset, id] of ['own-id', young()].entries()) {
      const twice = [{ id, reaction: 'love' }, { id }];
      await partition.consume([loggedTogether(offset, twice)]);
    }
    await clock.advance(SILENT_MS);
    await partition.checkpoint();
    expect(countsIn(states.own(VIDEO))).toEqual({ love: 2 });
    expect([...store.rows.values()].map(({ body }) => body)).toEqual([
      { reaction: 'love' },
      { reaction: 'love' },
    ]);
  });
});

describe('the entries of one record', () => {
  it('are stored with its offset if its producer is dead, without the copies', async () => {
    const { clock, open, store } = ground();
    const partition = open();
    const [a, b, c] = [young(), young(), young()];
    await partition.consume([
      loggedTogether(0, [{ id: a, producer: 'one' }]),
      loggedTogether(1, [{ id: b, producer: 'two' }, { id: a }, { id: c, reaction: 'love' }]),
    ]);
    await clock.advance(SILENT_MS);
    expect((await partition.checkpoint()).position.done).toBe(2);
    const rows = [...store.rows.values()].map(({ body, id, offset }) => [id, offset, body]);
    expect(rows).toEqual([
      [a, 0, { reaction: 'like' }],
      [b, 1, { reaction: 'like' }],
      [c, 1, { reaction: 'love' }],
    ]);
  });

  it('are looked up if they are late or not young by their own times', async () => {
    const { open, store } = ground();
    const late = START - WINDOW_MS / 2;
    const [fresh, lateId, oldId] = [young(), young(late), young(START - WINDOW_MS)];
    const changes = [{ id: lateId, at: late }, { id: fresh }, { id: young(), at: late }];
    const record = loggedTogether(0, [...changes, { id: oldId }, { id: 'own' }]);
    await open().consume([{ ...record, appendedAt: START }]);
    expect(store.lookUps).toEqual([[lateId, changes[2]?.id, oldId, 'own']]);
  });

  it('give the update the time of the oldest one', async () => {
    const { open } = ground();
    const [publication] = await open().consume([
      loggedTogether(0, [{ id: young() }, { id: young(), at: START - 40 }]),
    ]);
    expect(publication?.update.t).toBe(START - 40);
  });
});

describe('a member’s id', () => {
  it('is counted once, because memory or the store has the first entry', async () => {
    const { open, states, store } = ground({ type: votes });
    const first = open();
    await store.insert(VIDEO, [
      { id: 'ann', memberId: 'ann', at: START, body: { option: 'yes' }, offset: 0 },
    ]);
    await first.consume([voted(0, 'ann')]);
    await first.consume([voted(1, 'bob', 'ann'), voted(2, 'ann')]);
    await first.checkpoint();
    const successor = open({ done: 3, from: 3 });
    await successor.consume([voted(3, 'ann', 'cid')]);
    await successor.checkpoint();
    expect(states.total(VIDEO, votes)).toBe(3);
    expect(store.lookUps).toEqual([['ann'], ['bob', 'ann', 'ann'], ['ann', 'cid']]);
  });

  it('is not judged by a time, although it looks like a UUIDv7', async () => {
    const { open, store } = ground({ type: votes });
    const member = young();
    await open().consume([voted(0, member)]);
    expect(store.lookUps).toEqual([[member]]);
  });
});

describe('a type that is not `exact`', () => {
  it('publishes states without ids, also of entries that were stored late', async () => {
    const { clock, open } = later({ type: views });
    const partition = open();
    const [publication] = await partition.consume([loggedTogether(0, [{ id: young() }])]);
    expect(publication?.counted).toEqual([]);
    expect(publication?.update.type).toBe('views');
    await clock.advance(SILENT_MS);
    expect((await partition.checkpoint()).republished).toEqual([]);
  });

  it('cancels no copy, and merges states of peers before its own log is read', async () => {
    const { log, open, peerUpdate } = later({ type: views });
    const partition = open({ done: 0, from: 0, end: 1 });
    const id = young();
    const { updates } = await partition.applyPeerUpdates([peerUpdate([id])]);
    expect(updates).toMatchObject([{ type: 'views', vector: { 'dc0.1': { version: 1 } } }]);
    await partition.consume([loggedTogether(0, [{ id }])]);
    await partition.checkpoint();
    expect(log.entries).toEqual([]);
    expect(partition.isCancelPending).toBe(false);
  });
});
