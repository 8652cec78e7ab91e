import type { RowStore, StoredEntry } from '../../adapters/row-store';
import type { Use } from './row-store-support';
import { notes } from './stores-types';
import { freshChannel, type Time } from './time';

const UUIDV7 = '018bcfe5-6800-7abc-8def-0123456789a';
const MANY = 300;

/** A UUIDv7; neighbours have neighbouring numbers. */
function timedId(number: number): string {
  return `018bcfe5-6800-7abc-8def-${String(number).padStart(12, '0')}`;
}

function note(id: string, offset: number): StoredEntry {
  return { id, memberId: 'ann', at: 1_000 + offset, body: textOf(id), offset };
}

function textOf(id: string) {
  return { text: `the text of ${id}`, isPublic: true };
}

function forTests(store: RowStore, channel: string, time: Time) {
  return {
    insert: (...all: StoredEntry[]) => time.finish(store.insert(channel, all)),
    remove: (...ids: string[]) => time.finish(store.remove(channel, ids)),
    find: (...ids: string[]) => time.finish(store.find(channel, ids)),
    ownOf: async (id: string) => (await time.finish(store.offsets(channel, [id]))).get(id)?.own,
  };
}

/** The contract of a row store for types whose entries can be deleted. */
export function describeRemovals(use: Use): void {
  const notesOf = (channel: string) => forTests(use().storeOf(notes), channel, use().time);

  describe.each([
    ['a UUIDv7', [`${UUIDV7}a`, `${UUIDV7}b`, `${UUIDV7}c`]],
    ['any id', ['one', 'two', 'three']],
  ])('removed, with %s', (_, [one = '', two = '', three = '']) => {
    const deleted = { id: one, memberId: 'ann', at: 1_005, place: 'dc1.1@5' };

    it('an entry is found as deleted, without its body, and others stay', async () => {
      const { find, insert, ownOf, remove } = notesOf(use().channel);
      await insert(note(one, 5), note(two, 6), note(three, 7));
      await remove(one);
      expect(await find(one)).toEqual([{ ...deleted, body: {}, isDeleted: true }]);
      expect(await ownOf(one)).toEqual({ offset: 5, body: {} });
      const [second, third] = await find(two, three);
      expect(second).toEqual({
        ...deleted,
        id: two,
        at: 1_006,
        place: 'dc1.1@6',
        body: textOf(two),
      });
      expect(third?.body).toEqual(textOf(three));
    });

    it.each([
      ['the same copy', 5, 5],
      ['an earlier copy', 3, 3],
      ['a later copy', 9, 5],
    ])('no later insert brings the body back: %s', async (_copy, offset, kept) => {
      const { find, insert, ownOf, remove } = notesOf(use().channel);
      await insert(note(one, 5));
      await remove(one);
      await insert(note(one, offset));
      await insert(note(one, offset), note(two, 20));
      expect(await find(one)).toMatchObject([
        { body: {}, isDeleted: true, place: `dc1.1@${kept}` },
      ]);
      expect(await ownOf(one)).toEqual({ offset: kept, body: {} });
      expect((await find(two))[0]?.isDeleted ?? false).toBe(false);
    });

    it('before it is inserted, an entry is not found, and has no body afterwards', async () => {
      const { find, insert, ownOf, remove } = notesOf(use().channel);
      await remove(one);
      expect([await find(one), await ownOf(one)]).toEqual([[], undefined]);
      await insert(note(one, 5), note(two, 6));
      expect(await find(one)).toEqual([{ ...deleted, body: {}, isDeleted: true }]);
      expect((await find(two))[0]?.body).toEqual(textOf(two));
    });

    it('an entry of offset 0 has no body either, and may be removed again', async () => {
      const { find, insert, remove } = notesOf(use().channel);
      await remove(one);
      await insert(note(one, 0));
      await remove(one, two);
      await remove(one);
      expect(await find(one)).toMatchObject([{ body: {}, isDeleted: true, place: 'dc1.1@0' }]);
    });

    it('the entry with its id in another channel stays', async () => {
      const other = notesOf(freshChannel());
      const { insert, remove } = notesOf(use().channel);
      await other.insert(note(one, 2));
      await insert(note(one, 5));
      await remove(one);
      expect(await other.find(one)).toEqual([
        { ...deleted, at: 1_002, place: 'dc1.1@2', body: textOf(one) },
      ]);
    });
  });

  describeMany(notesOf);
}

function describeMany(notesOf: (channel: string) => ReturnType<typeof forTests>): void {
  it('are many in one call, and those between them stay', async () => {
    const { find, insert, remove } = notesOf(freshChannel());
    const all = Array.from({ length: MANY }, (_, at) => note(timedId(at), at));
    await insert(...all);
    const isRemoved = (at: number): boolean => at % 3 === 1;
    await remove(...all.filter((_, at) => isRemoved(at)).map(({ id }) => id));
    const found = await find(...all.map(({ id }) => id));
    expect(found).toHaveLength(MANY);
    for (const [at, { body, isDeleted = false }] of found.entries()) {
      expect([isDeleted, body]).toEqual([isRemoved(at), isRemoved(at) ? {} : textOf(timedId(at))]);
    }
  });

  it('are none', async () => {
    await expect(notesOf(freshChannel()).remove()).resolves.toBeUndefined();
  });
}
