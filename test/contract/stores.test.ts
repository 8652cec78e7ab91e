import { EmbeddedFacts } from '../../adapters/embedded/fact-store';
import { EmbeddedHistory } from '../../adapters/embedded/history';
import { EmbeddedRowStore } from '../../adapters/embedded/row-store';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { WriteBehindRows } from '../../adapters/embedded/write-behind-rows';
import type { LoggedType } from '../../schemas/event-type';
import { likes } from '../../schemas/likes';
import { SharedRows } from '../simulation/shared-rows';
import { openLmdb, openSimulatedDisk } from './embedded';
import { describeFactsContract } from './facts.contract';
import { describeHistoryContract } from './history.contract';
import { describeRowStoreContract } from './row-store.contract';
import { describeRowStoreOriginsContract } from './row-store-origins.contract';
import { describeRemovals } from './row-store-removal.contract';
import { asTests } from './row-store-support';
import { describeStatesContract } from './states.contract';
import { freshChannel } from './time';

for (const [name, fixture] of [
  ['embedded, on LMDB', openLmdb],
  ['embedded, on a simulated disk', openSimulatedDisk],
] as const) {
  describeRowStoreContract(name, async () => {
    const on = fixture();
    return { ...on, storeOf: (type) => new EmbeddedRowStore(on.database, type, 'dc1.1') };
  });
  describeStatesContract(name, async () => {
    const on = fixture();
    return { ...on, states: new EmbeddedStates(on.database) };
  });
  describeHistoryContract(name, async () => {
    const on = fixture();
    return { ...on, historyOf: (type) => new EmbeddedHistory(on.database, type), runs: 100 };
  });
  describeFactsContract(name, async () => {
    const { close, database, time } = fixture();
    const stored = new EmbeddedFacts(database);
    const facts = {
      read: (seen?: string) => stored.read(seen),
      set: (fact: string, holds: boolean) => time.finish(stored.set(fact, holds)),
    };
    return { stores: [facts, facts], close };
  });
}

describe('the row store: embedded, written behind', () => {
  const on = openSimulatedDisk();
  const stores = new Map<string, WriteBehindRows>();
  const storeOf = (type: LoggedType) => {
    const rows = new EmbeddedRowStore(on.database, type, 'dc1.1');
    const store = stores.get(type.name) ?? new WriteBehindRows(rows, 'dc1.1');
    stores.set(type.name, store);
    return store;
  };
  let channel: string;
  beforeEach(() => {
    channel = freshChannel();
  });
  describeRemovals(() => asTests({ ...on, storeOf }, channel));
});

describeRowStoreContract('simulated, of several datacenters', async () => {
  const on = openSimulatedDisk();
  return { ...on, storeOf: (type) => new SharedRows(on.database, type, 'dc1.1') };
});

describeRowStoreOriginsContract('simulated, of several datacenters', async () => {
  const on = openSimulatedDisk();
  return { ...on, storeOf: (type, origin) => new SharedRows(on.database, type, origin) };
});

describe('on a full disk', () => {
  it('rows and states are rejected with `store_unavailable`', async () => {
    const { database, time } = openSimulatedDisk();
    database.full = true;
    const body = { reaction: 'like' };
    const inserted = new EmbeddedRowStore(database, likes, 'dc1.1').insert(freshChannel(), [
      { id: 'a', memberId: 'ann', body, at: 0, offset: 0 },
    ]);
    await expect(time.finish(inserted)).rejects.toMatchObject({ code: 'store_unavailable' });
    const key = { channel: freshChannel(), type: 'likes', origin: 'dc1.1' };
    const saved = new EmbeddedStates(database).save([{ ...key, version: 0, state: {} }]);
    await expect(time.finish(saved)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
