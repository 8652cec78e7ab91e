import { uuidv7Time } from '../../schemas/ids';
import type { Use } from './row-store-support';
import { ratings } from './stores-types';

const UUIDV7 = '018bcfe5-6800-7abc-8def-0123456789ab';

/** The contract of a row store for types with any columns, and for several types. */
export function describeRowBodies(use: Use): void {
  it('has a body with columns of each kind', async () => {
    const { channel, findIn, like, storeOf, time } = use();
    const store = storeOf(ratings);
    const bodies = {
      ann: { stars: 5, isPublic: true, note: 'good' },
      bob: { stars: -(2 ** 40), isPublic: false },
      cleo: { stars: 0, isPublic: false, note: '' },
    };
    const entries = Object.entries(bodies).map(([memberId, body], offset) => {
      return like(memberId, offset, { memberId, body });
    });
    const ids = entries.map(({ id }) => id);
    await time.finish(store.insert(channel, entries));
    expect(await findIn(store, ids)).toEqual(entries);
    const offsets = await time.finish(store.offsets(channel, ids));
    for (const { body, id, offset } of entries) {
      expect(offsets.get(id)?.own).toEqual({ offset, body });
    }
  });

  it('leaves out a column that is null or undefined', async () => {
    const { channel, findIn, like, storeOf, time } = use();
    const store = storeOf(ratings);
    const body = { stars: 1, isPublic: true };
    const one = like('ann', 1, { body: { ...body, note: undefined } });
    const other = like('bob', 2, { body: { ...body, note: null } });
    await time.finish(store.insert(channel, [one, other]));
    const found = await findIn(store, ['ann', 'bob']);
    const fields = found.map((entry) => Object.keys(entry.body ?? {}).sort());
    expect(fields).toEqual([Object.keys(body).sort(), Object.keys(body).sort()]);
  });

  it('keeps the rows of two event types apart, though channel and id are equal', async () => {
    const { channel, find, findIn, insert, like, storeOf, time } = use();
    const store = storeOf(ratings);
    const [first, second] = [like('ann', 8), like('ann', 3, { body: { stars: 4 } })];
    await insert(first);
    expect(await findIn(store, ['ann'])).toEqual([]);
    expect((await time.finish(store.offsets(channel, ['ann']))).size).toBe(0);
    await time.finish(store.insert(channel, [second]));
    expect(await find('ann')).toEqual([first]);
    expect(await findIn(store, ['ann'])).toEqual([second]);
    await time.finish(store.withdraw(channel, ['ann']));
    expect(await find('ann')).toEqual([first]);
  });

  it("keeps a member's first entry by the member's id, also an id with a time", async () => {
    const { channel, findIn, like, storeOf, time } = use();
    const store = storeOf(ratings);
    expect(uuidv7Time(UUIDV7)).toBeDefined();
    for (const id of ['ann', UUIDV7]) {
      for (const offset of [9, 4, 6]) {
        const entry = like(id, offset, { memberId: id, body: { stars: offset } });
        await time.finish(store.insert(channel, [entry]));
      }
      const [found] = await findIn(store, [id]);
      expect(found).toMatchObject({ id, memberId: id, offset: 4, body: { stars: 4 } });
    }
  });
}
