import { EmbeddedFacts } from '../../adapters/embedded/fact-store';
import { EmbeddedRowStore } from '../../adapters/embedded/row-store';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { likes } from '../../schemas/likes';
import { SharedRows } from '../simulation/shared-rows';
import { openLmdb, openSimulatedDisk } from './embedded';
import { describeFactsContract } from './facts.contract';
import { describeRowStoreContract } from './row-store.contract';
import { describeRowStoreOriginsContract } from './row-store-origins.contract';
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
