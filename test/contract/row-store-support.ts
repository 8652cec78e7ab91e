import type { RowStore, StoredEntry } from '../../adapters/row-store';
import type { LoggedType } from '../../schemas/event-type';
import { likes } from '../../schemas/likes';
import type { Time } from './time';

export interface RowStoreFixture {
  /** The store of a type, for the processes of the origin `dc1.1`. */
  readonly storeOf: (type: LoggedType) => RowStore;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

export type Use = () => ReturnType<typeof asTests>;

/** The stores, for the tests of one channel; without another type, the store of likes. */
export function asTests({ storeOf, time }: RowStoreFixture, channel: string) {
  const store = storeOf(likes);
  const findIn = async (of: RowStore, ids: readonly string[]) => {
    const found = await time.finish(of.find(channel, ids));
    const offsets = await time.finish(of.offsets(channel, ids));
    return found.map(({ place, ...entry }) => {
      const offset = offsets.get(entry.id)?.own?.offset;
      expect(place).toBe(`dc1.1@${offset}`);
      return { ...entry, offset };
    });
  };
  return {
    channel,
    store,
    storeOf,
    time,
    insert: (...entries: StoredEntry[]) => time.finish(store.insert(channel, entries)),
    find: (...ids: string[]) => findIn(store, ids),
    findIn,
    like(id: string, offset: number, change: Partial<StoredEntry> = {}): StoredEntry {
      const at = 1_700_000_000_000 + offset;
      return { id, memberId: 'ann', body: { reaction: 'like' }, at, offset, ...change };
    },
  };
}
