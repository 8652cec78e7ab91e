import { EmbeddedRowStore } from '../../../adapters/embedded/row-store';
import {
  MAX_PENDING_ROWS,
  ROWS_PER_FLUSH,
  WriteBehindRows,
} from '../../../adapters/embedded/write-behind-rows';
import { likes } from '../../../schemas/likes';
import { openSimulatedDisk } from '../../contract/embedded';
import { notes } from '../../contract/stores-types';

const CHANNEL = 'video:1';
const ORIGIN = 'dc1.1';

function open() {
  const { database, time } = openSimulatedDisk();
  const stored = new EmbeddedRowStore(database, likes, ORIGIN);
  return { database, stored, time, rows: new WriteBehindRows(stored, ORIGIN) };
}

const row = (id: string, offset: number, reaction = 'like') => ({
  ...{ id, offset, memberId: 'ann', at: 1_000 + offset, body: { reaction } },
});

describe('WriteBehindRows', () => {
  it('finds a row before it is written, and the store has it after a flush', async () => {
    const { rows, stored, time } = open();
    await rows.insert(CHANNEL, [row('a', 3)]);
    const found = await rows.find(CHANNEL, ['a', 'b']);
    expect(found).toEqual([
      { id: 'a', memberId: 'ann', at: 1_003, body: { reaction: 'like' }, place: 'dc1.1@3' },
    ]);
    expect(await stored.find(CHANNEL, ['a'])).toEqual([]);
    await time.finish(rows.flush());
    expect(await stored.find(CHANNEL, ['a'])).toEqual(found);
    expect(await rows.find(CHANNEL, ['a', 'b'])).toEqual(found);
  });

  it('keeps the copy with the lowest offset, written or not', async () => {
    const { rows, time } = open();
    await rows.insert(CHANNEL, [row('a', 5, 'love')]);
    await rows.insert(CHANNEL, [row('a', 4, 'funny'), row('a', 9)]);
    const bodyOf = async () => (await rows.find(CHANNEL, ['a']))[0]?.body;
    expect(await bodyOf()).toEqual({ reaction: 'funny' });
    await time.finish(rows.flush());
    await rows.insert(CHANNEL, [row('a', 7)]);
    expect(await bodyOf()).toEqual({ reaction: 'funny' });
    const offsets = await rows.offsets(CHANNEL, ['a']);
    expect(offsets.get('a')?.own).toEqual({ offset: 4, body: { reaction: 'funny' } });
    await rows.insert(CHANNEL, [row('a', 2, 'support')]);
    expect(await bodyOf()).toEqual({ reaction: 'support' });
  });

  it('finds rows while they are written', async () => {
    const { rows, time } = open();
    await rows.insert(CHANNEL, [row('a', 1)]);
    const flushed = rows.flush();
    expect(await rows.find(CHANNEL, ['a'])).toHaveLength(1);
    await time.finish(flushed);
  });

  it('keeps the rows of a failed flush, and writes them with the next one', async () => {
    const { database, rows, stored, time } = open();
    await rows.insert(CHANNEL, [row('a', 1)]);
    database.full = true;
    await expect(time.finish(rows.flush())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await rows.find(CHANNEL, ['a'])).toHaveLength(1);
    database.full = false;
    await time.finish(rows.flush());
    expect(await stored.find(CHANNEL, ['a'])).toHaveLength(1);
  });

  it('refuses rows while too many wait', async () => {
    const { rows } = open();
    const many = Array.from({ length: MAX_PENDING_ROWS + 1 }, (_, at) => row(`${at}`, at));
    await rows.insert(CHANNEL, many);
    const refused = rows.insert(CHANNEL, [row('late', 0)]);
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('WriteBehindRows with removed rows', () => {
  const ids = ['a', '018bcfe5-6800-7abc-8def-0123456789ab'];
  const noteOf = (id: string, offset: number) => ({
    ...row(id, offset),
    body: { text: 'a secret text' },
  });

  function openNotes() {
    const { database, time } = openSimulatedDisk();
    const store = (): WriteBehindRows =>
      new WriteBehindRows(new EmbeddedRowStore(database, notes, ORIGIN), ORIGIN);
    const texts = (): string => {
      const values = [...database.range({ from: '', to: '~' })].map(({ value }) => value);
      return values.map(String).join();
    };
    return { database, store, texts, time };
  }

  it.each(ids)('writes no text of a row that was removed while it waited: %s', async (id) => {
    const { store, texts, time } = openNotes();
    const rows = store();
    await rows.insert(CHANNEL, [noteOf(id, 3)]);
    await time.finish(rows.remove(CHANNEL, [id]));
    expect(await rows.find(CHANNEL, [id])).toMatchObject([{ body: {}, isDeleted: true }]);
    await time.finish(rows.flush());
    expect(await store().find(CHANNEL, [id])).toMatchObject([{ body: {}, isDeleted: true }]);
    expect(texts()).not.toContain('secret');
  });

  it.each(ids)('clears the text of a row that is being written: %s', async (id) => {
    const { store, texts, time } = openNotes();
    const rows = store();
    await rows.insert(CHANNEL, [noteOf(id, 3)]);
    const flushed = rows.flush();
    await time.finish(rows.remove(CHANNEL, [id]));
    await time.finish(flushed);
    expect(await rows.find(CHANNEL, [id])).toMatchObject([{ body: {}, isDeleted: true }]);
    expect(texts()).not.toContain('secret');
  });

  it.each(ids)('recovers a removed row without its text: %s', async (id) => {
    const { database, store, texts, time } = openNotes();
    await time.finish(store().remove(CHANNEL, [id]));
    database.crash();
    const rows = store();
    rows.recover(CHANNEL, [noteOf(id, 3)]);
    expect(await rows.find(CHANNEL, [id])).toMatchObject([{ body: {}, isDeleted: true }]);
    expect((await rows.offsets(CHANNEL, [id])).get(id)?.own).toEqual({ offset: 3, body: {} });
    await time.finish(rows.flush());
    expect(texts()).not.toContain('secret');
  });

  it('a removal that a full disk refuses is not acknowledged, and can be repeated', async () => {
    const { database, store, time } = openNotes();
    const rows = store();
    await rows.insert(CHANNEL, [noteOf('a', 3)]);
    database.full = true;
    const removed = time.finish(rows.remove(CHANNEL, ['a']));
    await expect(removed).rejects.toMatchObject({ code: 'store_unavailable' });
    database.full = false;
    expect((await rows.find(CHANNEL, ['a']))[0]?.isDeleted).toBeUndefined();
    await time.finish(rows.remove(CHANNEL, ['a']));
    expect((await rows.find(CHANNEL, ['a']))[0]?.isDeleted).toBe(true);
  });
});

describe('WriteBehindRows with many rows', () => {
  const rowsFrom = (count: number) => Array.from({ length: count }, (_, at) => row(`${at}`, at));

  function openCounting() {
    const { rows, stored, time } = open();
    const write = jest.spyOn(stored, 'insertAll').mockResolvedValue();
    return { rows, time, write };
  }

  it('writes those because of which it refuses others, without a commit', async () => {
    const { rows, time, write } = openCounting();
    rows.recover(CHANNEL, rowsFrom(MAX_PENDING_ROWS + 1));
    write.mockRejectedValueOnce(new Error('no space left on device'));
    for (const times of [1, 2]) {
      await expect(rows.insert(CHANNEL, [row('late', 0)])).rejects.toThrow();
      await time.pass(1);
      expect(write).toHaveBeenCalledTimes(times);
    }
    await rows.insert(CHANNEL, [row('late', 0)]);
  });

  it('begins one flush for them, and none after one that failed until a commit', async () => {
    const { rows, time, write } = openCounting();
    const many = rowsFrom(ROWS_PER_FLUSH);
    write.mockRejectedValueOnce(new Error('no space left on device'));
    for (const each of [many, many, [row('later', 0)]]) {
      await rows.insert(CHANNEL, each);
      await time.pass(1);
    }
    expect(write).toHaveBeenCalledTimes(1);
    await rows.flush();
    const written = write.mock.calls.length;
    await rows.insert(CHANNEL, many);
    await rows.insert(CHANNEL, [row('later', 0)]);
    await time.pass(1);
    expect(write).toHaveBeenCalledTimes(written + 1);
  });
});
