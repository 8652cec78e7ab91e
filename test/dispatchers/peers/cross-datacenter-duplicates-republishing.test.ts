import { VIDEO } from '../../fixtures/records';
import { doublesGround as ground, like, WINDOW_MS } from './duplicates-parts';

describe('an id that a later datacenter has taken, too', () => {
  it.each(['dc3.1', 'dc2.2'])('stays: %s takes it back, or has it as our own', async (other) => {
    const { doubles, hear, ours, young } = ground();
    const likeId = young();
    ours.add(likeId);
    await hear(likeId, other);
    doubles.counted(like(likeId));
    expect(doubles.size).toBe(0);
  });

  it('is published again if our log has it, as memory or, if that cannot tell, the store says', async () => {
    const { clock, hear, ours, owed, storeRow, young } = ground();
    const [stored, unstored, unknown, seen, fresh] = ['own', young(), young(), young(), young()];
    await storeRow(stored, 'like');
    owed.set(unstored, 'like');
    const heard = async (likeId: string) =>
      (await hear(likeId, 'dc3.1')).map((each) => each.likeId);
    ours.add(seen);
    expect(await heard(fresh)).toEqual([]);
    await clock.advance(2 * WINDOW_MS);
    for (const likeId of [stored, unstored, seen]) expect(await heard(likeId)).toEqual([likeId]);
    expect(await heard(unknown)).toEqual([]);
  });

  it('is published again if our log took it back, because an earlier datacenter has it', async () => {
    const { hear, store, storeRow } = ground();
    await storeRow('own', 'like');
    await store.withdraw(VIDEO, ['own']);
    expect(await hear('own', 'dc3.1')).toHaveLength(1);
    expect(await hear('own', 'dc1.1')).toEqual([]);
  });

  it('is published again if an earlier log of our datacenter has it', async () => {
    const { hear, store, storeRow } = ground('dc2.2');
    await storeRow('own', 'like');
    store.rows.delete(`${VIDEO}/own`);
    store.elsewhere.set(`${VIDEO}/own`, ['dc2.1']);
    expect(await hear('own', 'dc3.1')).toHaveLength(1);
    store.elsewhere.set(`${VIDEO}/own`, ['dc4.1']);
    expect(await hear('own', 'dc3.1')).toEqual([]);
  });

  it.each(['a replay', 'an earlier datacenter', 'our own log'])('is not, from %s', async (from) => {
    const { count, hear, young } = ground();
    const likeId = young();
    await count(likeId);
    const isAgain = from === 'a replay';
    const origins = new Map([
      ['an earlier datacenter', 'dc1.1'],
      ['our own log', 'dc2.1'],
    ]);
    expect(await hear(likeId, origins.get(from) ?? 'dc3.1', isAgain)).toEqual([]);
  });
});
