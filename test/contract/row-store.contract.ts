import type { RowStore, StoredLike } from '../../adapters/row-store';
import { freshChannel, freshId, type Time } from './time';

export interface RowStoreFixture {
  readonly store: RowStore;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

type Use = () => ReturnType<typeof asTests>;

/** The store, for the tests of one channel. */
function asTests({ store, time }: RowStoreFixture, channel: string) {
  const videoId = channel.slice('video:'.length);
  return {
    channel,
    store,
    time,
    insert: (...likes: StoredLike[]) => time.finish(store.insert(channel, likes)),
    find: async (...likeIds: string[]) => {
      const found = await time.finish(store.find(channel, likeIds));
      const offsets = await time.finish(store.offsets(channel, likeIds));
      return found.map((like) => ({ ...like, offset: offsets.get(like.likeId)?.own?.offset }));
    },
    like(likeId: string, offset: number, change: Partial<StoredLike> = {}): StoredLike {
      const at = 1_700_000_000_000 + offset;
      return { likeId, videoId, memberId: 'ann', reaction: 'like', at, offset, ...change };
    },
  };
}

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
    describeLikes(use);
  });
}

function describeCopies(use: Use): void {
  it('finds a whole like once it is inserted', async () => {
    const { insert, find, like } = use();
    const one = like('one', 0, { memberId: 'bob', reaction: 'love' });
    await insert(one);
    expect(await find('one')).toEqual([one]);
  });

  it('finds the ids that are stored, and leaves out the others', async () => {
    const { insert, find, like } = use();
    await insert(like('a', 1), like('b', 2));
    const found = await find('b', 'never', 'a');
    expect(found.map(({ likeId }) => likeId).sort()).toEqual(['a', 'b']);
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
    const copies = [7, 4, 9].map((offset) => like('one', offset, { reaction: `r${offset}` }));
    await time.finish(Promise.all(copies.map((copy) => store.insert(channel, [copy]))));
    expect(await find('one')).toEqual([like('one', 4, { reaction: 'r4' })]);
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

function describeLikes(use: Use): void {
  it('distinguishes the same id in two channels', async () => {
    const { store, time, insert, find, like } = use();
    await insert(like('one', 1));
    const other = freshChannel();
    expect(await time.finish(store.find(other, ['one']))).toEqual([]);
    const theirs = like('one', 2, { videoId: other.slice('video:'.length) });
    await time.finish(store.insert(other, [theirs]));
    const { offset: _, ...rest } = theirs;
    expect(await time.finish(store.find(other, ['one']))).toEqual([rest]);
    expect((await find('one')).map(({ offset }) => offset)).toEqual([1]);
  });

  it('distinguishes ids by case and by every allowed character', async () => {
    const { insert, find, like } = use();
    const likeIds = ['a', 'A', 'a.b', 'a-b', 'a_b', 'a'.repeat(64), freshId()];
    await insert(...likeIds.map((likeId, offset) => like(likeId, offset)));
    const found = await find(...likeIds);
    expect(found.map(({ likeId }) => likeId).sort()).toEqual([...likeIds].sort());
  });

  it('accepts 5,000 ids in one call of each method', async () => {
    const { channel, store, time, insert, find, like } = use();
    const many = Array.from({ length: 5_000 }, (_, at) => like(`many-${at}`, at));
    const ids = many.map(({ likeId }) => likeId);
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
