import { v7 } from 'uuid';
import { MAX_AHEAD_MS } from '../../schemas/dedupe-window';
import { backend, ORIGIN, votes } from './parts';

describe('an entry whose id is its member', () => {
  it('counts once, and a repeat is answered with the first body and place', async () => {
    const { accept, clock, log } = backend(votes);
    const first = await accept('ann', undefined, { option: 'yes' });
    await clock.advance(1_000);
    const again = await accept('ann', undefined, { option: 'no' });
    expect(first).toMatchObject({ isNew: true, entry: { id: 'ann', memberId: 'ann' } });
    expect(again).toEqual({ entry: first.entry, isNew: false });
    expect(log.logged).toHaveLength(1);
  });

  it('is another one of another member', async () => {
    const { accept, log } = backend(votes);
    for (const member of ['ann', 'bob']) await accept(member, undefined, { option: 'yes' });
    expect(log.logged.map(({ id }) => id)).toEqual(['ann', 'bob']);
  });

  it('counts once if it is sent several times at once', async () => {
    const { accept, log } = backend(votes);
    const options = ['yes', 'no', 'maybe'];
    const all = await Promise.all(options.map((option) => accept('ann', undefined, { option })));
    expect(all.map(({ isNew }) => isNew)).toEqual([true, false, false]);
    expect(new Set(all.map(({ entry }) => JSON.stringify(entry))).size).toBe(1);
    expect(log.logged).toHaveLength(1);
  });

  it('is looked up unless it is recent, and found with its place', async () => {
    const { accept, log, store } = backend(votes);
    const first = { id: 'ann', memberId: 'ann', at: 5, body: { option: 'yes' } };
    await store.insert('video:42', [{ ...first, offset: 3 }]);
    const found = await accept('ann', undefined, { option: 'no' });
    expect(found).toEqual({ entry: { ...first, place: `${ORIGIN}@3` }, isNew: false });
    expect(store.lookUps).toEqual([['ann']]);
    await accept('bob', undefined, { option: 'no' });
    await accept('bob', undefined, { option: 'no' });
    expect(store.lookUps).toEqual([['ann'], ['bob']]);
    expect(log.logged).toHaveLength(1);
  });

  it('is looked up although the member’s id is a UUIDv7 of now, or of the far future', async () => {
    const { accept, clock, store } = backend(votes);
    const ids = [clock.now(), clock.now() + 2 * MAX_AHEAD_MS].map((msecs) => v7({ msecs }));
    for (const id of ids) {
      expect((await accept(id, undefined, { option: 'yes' })).entry.id).toBe(id);
    }
    expect(store.lookUps).toEqual(ids.map((id) => [id]));
  });

  it('has the member’s id whatever id is given', async () => {
    const { accept } = backend(votes);
    expect((await accept('ann', 'other', { option: 'yes' })).entry.id).toBe('ann');
  });
});
