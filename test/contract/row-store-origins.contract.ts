import type { RowStore, StoredEntry } from '../../adapters/row-store';
import type { LoggedType } from '../../schemas/event-type';
import { likes } from '../../schemas/likes';
import { notes, ratings } from './stores-types';
import { freshChannel, type Time } from './time';

export interface RowStoreOriginsFixture {
  /** The store of a type, for the processes of this origin. */
  readonly storeOf: (type: LoggedType, origin: string) => RowStore;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

const love = { reaction: 'love' };
const like = { id: 'one', memberId: 'ann', body: { reaction: 'like' }, at: 1 };

function asTests({ storeOf, time }: RowStoreOriginsFixture) {
  const channel = freshChannel();
  const of = (origin: string, type: LoggedType = likes) => {
    const store = storeOf(type, origin);
    return {
      insert: (offset: number, change: Partial<StoredEntry> = {}) =>
        time.finish(store.insert(channel, [{ ...like, offset, ...change }])),
      remove: () => time.finish(store.remove(channel, ['one'])),
      withdraw: () => time.finish(store.withdraw(channel, ['one'])),
      find: async () => (await time.finish(store.find(channel, ['one'])))[0],
      offsets: async () => (await time.finish(store.offsets(channel, ['one']))).get('one'),
    };
  };
  return { of };
}

type Use = () => ReturnType<typeof asTests>;

/** The contract of a row store for several origins. */
export function describeRowStoreOriginsContract(
  name: string,
  open: () => Promise<RowStoreOriginsFixture>,
): void {
  describe(`an entry of several origins: ${name}`, () => {
    let fixture: RowStoreOriginsFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    const use: Use = () => asTests(fixture);
    describeCopies(use);
    describeWithdrawals(use);
    describeBodies(use);
    describeRemovals(use);
  });
}

function describeCopies(use: Use): void {
  it('is one row, with the first copy in each of their logs', async () => {
    const { of } = use();
    const [here, there] = [of('dc1.1'), of('dc2.1')];
    await there.insert(7, { body: love });
    expect(await here.find()).toEqual({ ...like, body: love, place: 'dc2.1@7' });
    expect(await here.offsets()).toEqual({
      own: undefined,
      isWithdrawn: false,
      elsewhere: ['dc2.1'],
    });
    await here.insert(9);
    const own = { offset: 9, body: like.body };
    const both = { own, isWithdrawn: false, elsewhere: ['dc2.1'] };
    expect(await here.offsets()).toEqual(both);
    await there.withdraw();
    expect(await here.offsets()).toEqual({ ...both, elsewhere: [] });
    expect(await there.offsets()).toEqual({
      own: { offset: 7, body: love },
      isWithdrawn: true,
      elsewhere: ['dc1.1'],
    });
  });
}

function describeWithdrawals(use: Use): void {
  it.each(['before', 'after'])(
    'stays withdrawn if it is inserted %s the withdrawal',
    async (when) => {
      const { of } = use();
      const store = of('dc2.1');
      if (when === 'before') await store.insert(7);
      await store.withdraw();
      if (when === 'after') {
        expect(await store.find()).toBeUndefined();
        await store.insert(7);
      }
      expect(await store.find()).toEqual({ ...like, place: 'dc2.1@7' });
      expect(await store.offsets()).toEqual({
        own: { offset: 7, body: like.body },
        isWithdrawn: true,
        elsewhere: [],
      });
    },
  );

  it('withdraws the copy of one event type, and of no other', async () => {
    const { of } = use();
    const [likes, stars] = [of('dc1.1'), of('dc1.1', ratings)];
    const body = { stars: 3, isPublic: true };
    await likes.insert(7);
    await stars.insert(2, { body });
    await likes.withdraw();
    expect(await likes.offsets()).toMatchObject({ isWithdrawn: true });
    expect(await stars.offsets()).toEqual({
      own: { offset: 2, body },
      isWithdrawn: false,
      elsewhere: [],
    });
  });
}

function describeRemovals(use: Use): void {
  const body = { text: 'a text' };

  it('a removal clears the copies of all origins, also those that come later', async () => {
    const { of } = use();
    const [here, there] = [of('dc1.1', notes), of('dc2.1', notes)];
    await there.insert(0, { body });
    await here.remove();
    const deleted = { ...like, body: {}, isDeleted: true };
    expect(await there.find()).toEqual({ ...deleted, place: 'dc2.1@0' });
    await here.insert(9, { body });
    expect(await here.find()).toEqual({ ...deleted, place: 'dc1.1@9' });
    const own = { offset: 9, body: {} };
    expect(await here.offsets()).toEqual({ own, isWithdrawn: false, elsewhere: ['dc2.1'] });
  });

  it('a removed entry can be withdrawn, and stays removed', async () => {
    const { of } = use();
    const [here, there] = [of('dc1.1', notes), of('dc2.1', notes)];
    await here.insert(3, { body });
    await there.insert(4, { body });
    await there.remove();
    await there.withdraw();
    expect(await there.offsets()).toMatchObject({ isWithdrawn: true, elsewhere: ['dc1.1'] });
    expect(await there.find()).toMatchObject({ body: {}, isDeleted: true, place: 'dc1.1@3' });
  });
}

function describeBodies(use: Use): void {
  it.each([
    ['the earlier datacenter, whatever the offsets', ['dc1.1', 'dc2.1'], [], 'dc1.1'],
    ['the datacenter that did not withdraw it', ['dc1.1', 'dc2.1'], ['dc1.1'], 'dc2.1'],
    ['the earlier log of a datacenter', ['dc1.2', 'dc1.10'], [], 'dc1.2'],
    ['the earliest that is left', ['dc1.1', 'dc2.1', 'dc3.1'], ['dc1.1', 'dc3.1'], 'dc2.1'],
    ['the earliest, if all have withdrawn it', ['dc2.1', 'dc3.1'], ['dc2.1', 'dc3.1'], 'dc2.1'],
  ])('has the body and the place of %s', async (_, origins, withdrawn, expected) => {
    const { of } = use();
    const copyOf = (at: number, origin: string) => {
      return { memberId: `of-${origin}`, body: { reaction: `r${at}` }, at: at + 1 };
    };
    const offsetOf = (at: number) => 1_000 - at * 100;
    for (const [at, origin] of origins.entries()) {
      await of(origin).insert(offsetOf(at), copyOf(at, origin));
    }
    for (const origin of withdrawn) await of(origin).withdraw();
    const at = origins.indexOf(expected);
    const place = `${expected}@${offsetOf(at)}`;
    for (const origin of origins) {
      expect(await of(origin).find()).toEqual({ ...like, ...copyOf(at, expected), place });
    }
  });
}
