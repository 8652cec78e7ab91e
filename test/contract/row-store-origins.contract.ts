import type { RowStore, StoredLike } from '../../adapters/row-store';
import { freshId, type Time } from './time';

export interface RowStoreOriginsFixture {
  /** The store for the processes of this origin. */
  readonly storeOf: (origin: string) => RowStore;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

const like = { likeId: 'one', memberId: 'ann', reaction: 'like', at: 1 };

function asTests({ storeOf, time }: RowStoreOriginsFixture) {
  const videoId = freshId('video');
  const channel = `video:${videoId}`;
  const of = (origin: string) => {
    const store = storeOf(origin);
    return {
      insert: (offset: number, change: Partial<StoredLike> = {}) =>
        time.finish(store.insert(channel, [{ ...like, videoId, offset, ...change }])),
      withdraw: () => time.finish(store.withdraw(channel, ['one'])),
      find: async () => (await time.finish(store.find(channel, ['one'])))[0],
      offsets: async () => (await time.finish(store.offsets(channel, ['one']))).get('one'),
    };
  };
  return { of, videoId };
}

/** The contract of a row store for several origins. */
export function describeRowStoreOriginsContract(
  name: string,
  open: () => Promise<RowStoreOriginsFixture>,
): void {
  describe(`a like of several origins: ${name}`, () => {
    let fixture: RowStoreOriginsFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    describeCopies(() => asTests(fixture));
    describeBodies(() => asTests(fixture));
  });
}

function describeCopies(use: () => ReturnType<typeof asTests>): void {
  it('is one row, with the first copy in each of their logs', async () => {
    const { of, videoId } = use();
    const [here, there] = [of('dc1.1'), of('dc2.1')];
    await there.insert(7, { reaction: 'love' });
    expect(await here.find()).toEqual({ ...like, videoId, reaction: 'love' });
    expect(await here.offsets()).toEqual({
      own: undefined,
      isWithdrawn: false,
      elsewhere: ['dc2.1'],
    });
    await here.insert(9);
    const both = { own: { offset: 9, reaction: 'like' }, isWithdrawn: false, elsewhere: ['dc2.1'] };
    expect(await here.offsets()).toEqual(both);
    await there.withdraw();
    expect(await here.offsets()).toEqual({ ...both, elsewhere: [] });
    expect(await there.offsets()).toEqual({
      own: { offset: 7, reaction: 'love' },
      isWithdrawn: true,
      elsewhere: ['dc1.1'],
    });
  });

  it.each(['before', 'after'])(
    'stays withdrawn if it is inserted %s the withdrawal',
    async (when) => {
      const { of, videoId } = use();
      const store = of('dc2.1');
      if (when === 'before') await store.insert(7);
      await store.withdraw();
      if (when === 'after') {
        expect(await store.find()).toBeUndefined();
        await store.insert(7);
      }
      expect(await store.find()).toEqual({ ...like, videoId });
      expect(await store.offsets()).toEqual({
        own: { offset: 7, reaction: 'like' },
        isWithdrawn: true,
        elsewhere: [],
      });
    },
  );
}

function describeBodies(use: () => ReturnType<typeof asTests>): void {
  it.each([
    ['the earlier datacenter, whatever the offsets', ['dc1.1', 'dc2.1'], [], 'dc1.1'],
    ['the datacenter that did not withdraw it', ['dc1.1', 'dc2.1'], ['dc1.1'], 'dc2.1'],
    ['the earlier log of a datacenter', ['dc1.2', 'dc1.10'], [], 'dc1.2'],
    ['the earliest that is left', ['dc1.1', 'dc2.1', 'dc3.1'], ['dc1.1', 'dc3.1'], 'dc2.1'],
    ['the earliest, if all have withdrawn it', ['dc2.1', 'dc3.1'], ['dc2.1', 'dc3.1'], 'dc2.1'],
  ])('has the body of %s', async (_, origins, withdrawn, expected) => {
    const { of, videoId } = use();
    for (const [at, origin] of origins.entries()) {
      const body = { memberId: `of-${origin}`, reaction: `r${at}`, at: at + 1 };
      await of(origin).insert(1_000 - at * 100, body);
    }
    for (const origin of withdrawn) await of(origin).withdraw();
    const at = origins.indexOf(expected);
    const body = { memberId: `of-${expected}`, reaction: `r${at}`, at: at + 1 };
    for (const origin of origins) {
      expect(await of(origin).find()).toEqual({ ...like, videoId, ...body });
    }
  });
}
