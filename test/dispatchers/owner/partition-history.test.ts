import { v7 } from 'uuid';
import { MAX_HELD_BACK } from '../../../dispatchers/owner/channel-updates';
import { MAX_PENDING_ROWS } from '../../../dispatchers/owner/history-sync';
import { deferred, settled } from '../../fixtures/deferred';
import { VIDEO } from '../../fixtures/records';
import { ground, ORIGIN } from '../parts';
import { commented, commentGround, deleted, idsIn, ringIn, rowAt, START } from './comment-parts';

describe('the owner of a history', () => {
  it('writes a row of each entry and deletion, with their dense numbers', async () => {
    const { history, open } = commentGround();
    const partition = open();
    const young = v7({ msecs: START });
    await partition.consume([commented(0, young), commented(3), commented(4, young)]);
    await partition.consume([deleted(5, 'c3'), commented(9)]);
    expect(history.texts).toEqual([]);
    await partition.checkpoint();
    expect(history.texts).toEqual([`1 ${young}`, '2 c3', '3 -c3', '4 c9']);
  });

  it('saves a state only after the rows of all its entries', async () => {
    const { history, open, saved } = commentGround();
    const partition = open();
    const written = deferred();
    history.until = written.promise;
    await partition.consume([commented(0)]);
    const checkpoint = partition.checkpoint();
    await settled();
    await partition.consume([commented(1)]);
    expect(saved()).toBeUndefined();
    written.resolve();
    await checkpoint;
    expect([saved()?.version, history.texts]).toEqual([0, ['1 c0']]);
    expect(partition.needsCheckpoint).toBe(true);
    await partition.checkpoint();
    expect([saved()?.version, history.texts]).toEqual([1, ['1 c0', '2 c1']]);
    expect(partition.needsCheckpoint).toBe(false);
  });

  it('does not advance `done` while rows cannot be written, and writes them later', async () => {
    const { history, open, saved } = commentGround();
    const partition = open();
    history.isUnavailable = true;
    await partition.consume([commented(0), commented(1)]);
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(saved()).toBeUndefined();
    history.isUnavailable = false;
    expect((await partition.checkpoint()).position.done).toBe(2);
    expect(history.texts).toEqual(['1 c0', '2 c1']);
  });

  it('leaves rows with the same numbers to a successor', async () => {
    const { history, open } = commentGround();
    const records = [commented(0), commented(1), deleted(2, 'c0'), commented(3)];
    const first = open();
    await first.consume(records.slice(0, 2));
    const { position } = await first.checkpoint();
    await first.consume(records.slice(2));
    const successor = open({ ...position, from: 0, end: 4 });
    await successor.consume(records);
    await successor.checkpoint();
    expect(history.texts).toEqual(['1 c0', '2 c1', '3 -c0', '4 c3']);
    // The first one was only halted.
    await first.checkpoint();
    expect(history.texts).toEqual(['1 c0', '2 c1', '3 -c0', '4 c3']);
  });

  it('refuses records while too many rows wait', async () => {
    const { history, open, rows } = commentGround();
    const waiting = rows();
    const partition = open(undefined, waiting);
    history.isUnavailable = true;
    for (let at = 0; at <= MAX_PENDING_ROWS; at++) waiting.add('video:7', rowAt(at));
    await expect(partition.consume([commented(0)])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    history.isUnavailable = false;
    await waiting.flush();
    expect(await partition.consume([commented(0)])).toHaveLength(1);
  });
});

describe('publications of comments', () => {
  it('have what is new since the last one, and the whole states for the cache', async () => {
    const { open } = commentGround();
    const partition = open();
    const [first] = await partition.consume([commented(0), commented(1)]);
    const [second] = await partition.consume([commented(2)]);
    expect(ringIn(first?.update)).toMatchObject({ version: 1, state: { floor: -1, count: 2 } });
    expect(ringIn(second?.update)).toMatchObject({ version: 2, state: { floor: 1, count: 3 } });
    expect(idsIn(ringIn(second?.update))).toEqual(['c2']);
    const whole = second?.update.whole?.[ORIGIN];
    expect(whole).toMatchObject({ version: 2, state: { floor: -1, count: 3 } });
  });

  it('begin once a new owner has read what its predecessor had', async () => {
    const { open } = commentGround();
    const records = [commented(0), commented(1), commented(2), commented(3)];
    const first = open();
    await first.consume(records.slice(0, 2));
    const { position } = await first.checkpoint();
    const successor = open({ ...position, from: 0, end: 4 });
    expect(await successor.consume(records.slice(0, 2))).toEqual([]);
    expect(await successor.consume(records.slice(2, 3))).toEqual([]);
    const all = await successor.consume(records.slice(3));
    expect(all.map(({ update }) => [update.channel, update.t])).toEqual([
      [VIDEO, 1_700_000_000_000],
    ]);
    expect(idsIn(ringIn(all[0]?.update))).toEqual(['c0', 'c1', 'c2', 'c3']);
    const [next] = await successor.consume([commented(4)]);
    expect(idsIn(ringIn(next?.update))).toEqual(['c4']);
  });

  it('begin earlier if too many channels wait', async () => {
    const { open } = commentGround();
    const owner = open({ done: 0, from: 0, end: MAX_HELD_BACK + 9 });
    const records = Array.from({ length: MAX_HELD_BACK + 1 }, (_, at) => {
      return { ...commented(at), key: `video:${at}` };
    });
    expect(await owner.consume(records.slice(0, -1))).toEqual([]);
    expect(await owner.consume(records.slice(-1))).toHaveLength(records.length);
    expect(await owner.consume([commented(records.length)])).toEqual([]);
  });

  it('that are held back are made by the next owner, too', async () => {
    const { open } = commentGround();
    const records = [commented(0), commented(1), commented(2)];
    const position = { done: 0, from: 0 };
    const first = open({ ...position, end: 3 });
    expect(await first.consume(records.slice(0, 2))).toEqual([]);
    expect((await first.checkpoint()).position.done).toBe(0);
    expect(await first.consume(records.slice(2))).toHaveLength(1);
    expect((await first.checkpoint()).position.done).toBe(3);
  });
});

describe('a deletion in the log', () => {
  it('clears the text in the state at once, and in the store before `done` passes it', async () => {
    const { open, saved, store } = commentGround();
    const partition = open();
    await store.insert(VIDEO, [
      { id: 'c0', memberId: 'ann', at: 1, body: { text: 'secret' }, offset: 0 },
    ]);
    await partition.consume([commented(0, 'c0', 'secret')]);
    const [publication] = await partition.consume([deleted(1, 'c0')]);
    expect(JSON.stringify(publication)).not.toContain('secret');
    store.isUnavailable = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(partition.needsCheckpoint).toBe(true);
    store.isUnavailable = false;
    expect((await partition.checkpoint()).position.done).toBe(2);
    const [found] = await store.find(VIDEO, ['c0']);
    expect(found).toMatchObject({ id: 'c0', isDeleted: true, body: {} });
    expect(JSON.stringify(saved())).not.toContain('secret');
    expect(partition.needsCheckpoint).toBe(false);
  });

  it('is repeated in the store by a successor that cannot know whether it was done', async () => {
    const { open, store } = commentGround();
    const first = open();
    await first.consume([commented(0)]);
    const { position } = await first.checkpoint();
    const records = [commented(0), deleted(1, 'c0')];
    const successor = open({ ...position, from: 0, end: 2 });
    await successor.consume(records);
    await successor.checkpoint();
    await store.insert(VIDEO, [
      { id: 'c0', memberId: 'ann', at: 1, body: { text: 't' }, offset: 0 },
    ]);
    const [found] = await store.find(VIDEO, ['c0']);
    expect(found?.isDeleted).toBe(true);
  });

  it('of a type without deletions only advances the version', async () => {
    const { open, states } = ground();
    const partition = open();
    await partition.consume([deleted(3, 'like-1')]);
    await partition.checkpoint();
    expect(states.own(VIDEO)?.version).toBe(3);
  });
});
