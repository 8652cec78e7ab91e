import { EmbeddedRowStore } from '../../../adapters/embedded/row-store';
import { openSimulatedDisk } from '../../contract/embedded';
import { ratings } from '../../contract/stores-types';

describe('EmbeddedRowStore', () => {
  it('keeps the rows of all inserts that run at the same time', async () => {
    const { close, database, time } = openSimulatedDisk();
    const rows = new EmbeddedRowStore(database, ratings, 'dc1.1');
    const ids = ['a', 'b', 'c'].map((digit) => `018bcfe5-6800-7abc-8def-0123456789a${digit}`);
    const body = { stars: 3, note: 'good', isPublic: true };
    const insert = (id: string, offset: number) =>
      rows.insert('video:1', [{ id, memberId: 'ann', at: 1, body, offset }]);
    await time.finish(insert(ids[0] ?? '', 0));
    await time.finish(Promise.all(ids.map(insert)));
    expect(await rows.find('video:1', ids)).toHaveLength(3);
    await close();
  });

  it('returns the stored bodies also after the columns of their type have changed', async () => {
    const { close, database, time } = openSimulatedDisk();
    const body = { stars: 3, note: 'good', isPublic: true };
    const entry = { id: 'ann', memberId: 'ann', at: 1, body, offset: 4 };
    const before = new EmbeddedRowStore(database, ratings, 'dc1.1');
    await time.finish(before.insert('video:1', [entry]));
    const changed = { ...ratings, columns: { isPublic: 'boolean', stars: 'bigint' } as const };
    const after = new EmbeddedRowStore(database, changed, 'dc1.1');
    expect(await after.find('video:1', ['ann'])).toMatchObject([{ body, place: 'dc1.1@4' }]);
    await close();
  });
});
