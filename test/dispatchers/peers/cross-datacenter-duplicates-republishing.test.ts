import { VIDEO } from '../../fixtures/records';
import { duplicatesGround as ground, like, WINDOW_MS } from './duplicates-parts';

describe('an id that a later datacenter has counted, too', () => {
  it.each(['dc3.1', 'dc2.2'])('is not cancelled by us if it was counted in %s', async (other) => {
    const { duplicates, applyPeer, ours, young } = ground();
    const id = young();
    ours.add(id);
    await applyPeer(id, other);
    duplicates.counted(like(id));
    expect(duplicates.size).toBe(0);
  });

  it('is published again if memory or the store shows that our log has it', async () => {
    const { clock, applyPeer, ours, unstoredReactions, storeRow, young } = ground();
    const [stored, unstored, unknown, seen, fresh] = ['own', young(), young(), young(), young()];
    await storeRow(stored, 'like');
    unstoredReactions.set(unstored, 'like');
    const toRepublish = async (id: string) =>
      (await applyPeer(id, 'dc3.1')).map((each) => each.entryId);
    ours.add(seen);
    expect(await toRepublish(fresh)).toEqual([]);
    await clock.advance(2 * WINDOW_MS);
    for (const id of [stored, unstored, seen]) expect(await toRepublish(id)).toEqual([id]);
    expect(await toRepublish(unknown)).toEqual([]);
  });

  it('is published again if our log cancelled it for an earlier datacenter', async () => {
    const { applyPeer, store, storeRow } = ground();
    await storeRow('own', 'like');
    await store.withdraw(VIDEO, ['own']);
    expect(await applyPeer('own', 'dc3.1')).toHaveLength(1);
    expect(await applyPeer('own', 'dc1.1')).toEqual([]);
  });

  it('is published again if an earlier log of our datacenter has it', async () => {
    const { applyPeer, store, storeRow } = ground('dc2.2');
    await storeRow('own', 'like');
    store.rows.delete(`${VIDEO}/own`);
    store.elsewhere.set(`${VIDEO}/own`, ['dc2.1']);
    expect(await applyPeer('own', 'dc3.1')).toHaveLength(1);
    store.elsewhere.set(`${VIDEO}/own`, ['dc4.1']);
    expect(await applyPeer('own', 'dc3.1')).toEqual([]);
  });

  it.each(['a replay', 'an earlier datacenter', 'our own log'])(
    'is not published again for %s',
    async (from) => {
      const { count, applyPeer, young } = ground();
      const id = young();
      await count(id);
      const isReplay = from === 'a replay';
      const origins = new Map([
        ['an earlier datacenter', 'dc1.1'],
        ['our own log', 'dc2.1'],
      ]);
      expect(await applyPeer(id, origins.get(from) ?? 'dc3.1', isReplay)).toEqual([]);
    },
  );
});
