import { EmbeddedRowStore } from '../../adapters/embedded/row-store';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { SharedLikes } from '../simulation/shared-likes';
import { openLmdb, openSimulatedDisk } from './embedded';
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
    return { ...on, store: new EmbeddedRowStore(on.database) };
  });
  describeStatesContract(name, async () => {
    const on = fixture();
    return { ...on, states: new EmbeddedStates(on.database) };
  });
}

describeRowStoreContract('simulated, of several datacenters', async () => {
  const on = openSimulatedDisk();
  return { ...on, store: new SharedLikes(on.database, 'dc1.1') };
});

describeRowStoreOriginsContract('simulated, of several datacenters', async () => {
  const on = openSimulatedDisk();
  return { ...on, storeOf: (origin) => new SharedLikes(on.database, origin) };
});

describe('on a full disk', () => {
  it('likes and states are rejected with `store_unavailable`', async () => {
    const { database, time } = openSimulatedDisk();
    database.full = true;
    const at = { videoId: '1', memberId: 'ann', reaction: 'like', at: 0, offset: 0 };
    const inserted = new EmbeddedRowStore(database).insert(freshChannel(), [
      { likeId: 'a', ...at },
    ]);
    await expect(time.finish(inserted)).rejects.toMatchObject({ code: 'store_unavailable' });
    const state = { channel: freshChannel(), origin: 'dc1.1', version: 0, counts: {} };
    const saved = new EmbeddedStates(database).save([state]);
    await expect(time.finish(saved)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
