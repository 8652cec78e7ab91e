import { EmbeddedRowStore } from '../../../adapters/embedded/row-store';
import { openSimulatedDisk } from '../../contract/embedded';
import { ratings } from '../../contract/stores-types';

describe('EmbeddedRowStore', () => {
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
