import { describeRowBodies } from './row-store-bodies.contract';
import { describeRemovals } from './row-store-removal.contract';
import { asTests, type RowStoreFixture, type Use } from './row-store-support';
import { freshChannel, freshId } from './time';

/** The contract of every row store. */
export function describeRowStoreContract(name: string, open: () => Promise<RowStoreFixture>): void {
  describe(`the row store: ${name}`, () => {
    let fixture: RowStoreFixture;
    let channel: string;
    beforeAll(async () => {
      fixture = await open();
    });
    beforeEach(() => {
      channel = freshChannel();
    });
    afterAll(() => fixture.close());

    const use: Use = () => asTests(fixture, channel);
    describeCopies(use);
    describeRows(use);
    describeRowBodies(use);
    describeRemovals(use);
  });
}

function describeCopies(use: Use): void {
  it('finds a whole entry once it is inserted, with the place of its copy', async () => {
    const { channel, find, insert, like, store, time } = use();
    const one = like('one', 7, { memberId: 'bob', body: { reaction: 'love' } });
    await insert(one);
    expect(await find('one')).toEqual([one]);
    const { offset: _, ...rest } = one;
    const found = await time.finish(store.find(channel, ['one']));
    expect(found).toEqual([{ ...rest, place: 'dc1.1@7' }]);
  });

  it('finds the ids that are stored, and leaves out the others', async () => {
    const { insert, find, like } = use();
    await insert(like('a', 1), like('b', 2));
    const found = await find('b', 'never', 'a');
    expect(found.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(await find('never')).toEqual([]);
    expect(await find()).toEqual([]);
  });

  it('is unchanged after a repeated insert', async () => {
    const { insert, find, like } = use();
    const one = like('one', 5);
    await insert(one);
    await insert(one);
    expect(await find('one')).toEqual([one]);
  });

  it.each([
    ['it came first', [3, 8]],
    ['it came last', [8, 3]],
    ['it came in between', [8, 3, 5]],
  ])('keeps the copy that is first in the log: %s', async (_, offsets) => {
    const { insert, find, like } = use();
    for (const offset of offsets) {
      await insert(like('one', offset, { memberId: `member-${offset}` }));
    }
    expect(await find('one')).toEqual([like('one', 3, { memberId: 'member-3' })]);
  });

  it('keeps one whole copy of concurrent inserts', async () => {
    const { channel, store, time, find, like } = use();
    const copies = [7, 4, 9].map((offset) => {
      return like('one', offset, { body: { reaction: `r${offset}` } });
    });
    await time.finish(Promise.all(copies.map((copy) => store.insert(channel, [copy]))));
    expect(await find('one')).toEqual([like('one', 4, { body: { reaction: 'r4' } })]);
  });

  it('keeps one of copies in one call', async () => {
    const { insert, find, like } = use();
    await insert(like('one', 6), like('one', 2), like('one', 9));
    expect((await find('one')).map(({ offset }) => offset)).toEqual([2]);
  });

  it('keeps the first of the log also at offset 0', async () => {
    const { insert, find, like } = use();
    await insert(like('one', 1));
    await insert(like('one', 0));
    expect((await find('one')).map(({ offset }) => offset)).toEqual([0]);
  });
}

function describeRows(use: Use): void {
  it('distinguishes the same id in two channels', async () => {
    const { store, time, insert, find, like } = use();
    await insert(like('one', 1));
    const other = freshChannel();
    expect(await time.finish(store.find(other, ['one']))).toEqual([]);
    const { offset, ...theirs } = like('one', 2, { memberId: 'bob' });
    await time.finish(store.insert(other, [{ ...theirs, offset }]));
    const found = await time.finish(store.find(other, ['one']));
    expect(found).toEqual([{ ...theirs, place: 'dc1.1@2' }]);
    expect((await find('one')).map(({ offset }) => offset)).toEqual([1]);
  });

  it('distinguishes ids by case and by every allowed character', async () => {
    const { insert, find, like } = use();
    const ids = ['a', 'A', 'a.b', 'a-b', 'a_b', 'a'.repeat(64), freshId()];
    await insert(...ids.map((id, offset) => like(id, offset)));
    const found = await find(...ids);
    expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it('accepts 5,000 ids in one call of each method', async () => {
    const { channel, store, time, insert, find, like } = use();
    const many = Array.from({ length: 5_000 }, (_, at) => like(`many-${at}`, at));
    const ids = many.map(({ id }) => id);
    await insert(...many);
    expect(await find(...ids)).toEqual(many);
    await time.finish(store.withdraw(channel, ids));
    expect((await time.finish(store.offsets(channel, ids))).size).toBe(5_000);
  });

  it('accepts an empty list', async () => {
    const { insert } = use();
    await expect(insert()).resolves.toBeUndefined();
  });
}
