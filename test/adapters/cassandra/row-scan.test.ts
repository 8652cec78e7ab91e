import { CassandraRowScan } from '../../../adapters/cassandra/row-scan';
import { CassandraRowStore } from '../../../adapters/cassandra/row-store';
import type { ScannedRow } from '../../../adapters/row-scan';
import { likes } from '../../../schemas/likes';
import { ratings, types } from '../../contract/stores-types';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeTables } from './fake-tables';

describe('CassandraRowScan', () => {
  it.each([undefined, 'video:1'])('visits each row of one type: channel %s', async (channel) => {
    const tables = new FakeTables(types.logged);
    const body = { stars: 5, isPublic: true };
    const entry = { memberId: 'ann', at: 1, offset: 3 };
    const stars = (origin: string) => new CassandraRowStore(tables, ratings, origin);
    await stars('dc1.1').insert('video:1', [{ ...entry, id: 'ann', body }]);
    await stars('dc2.1').insert('video:1', [{ ...entry, id: 'ann', body: { stars: 1 } }]);
    await stars('dc2.1').withdraw('video:1', ['ann']);
    await stars('dc1.1').insert('video:2', [{ ...entry, id: 'bob', body }]);
    const other = { ...entry, id: 'like', body: { reaction: 'like' } };
    await new CassandraRowStore(tables, likes, 'dc1.1').insert('video:1', [other]);
    const visited: ScannedRow[] = [];
    const shares: number[] = [];
    const scan = new CassandraRowScan(ratings, { client: tables, clock: new VirtualClock() });
    const progress = (share: number) => void shares.push(share);
    await scan.scan((rows) => visited.push(...rows), { channel, progress });
    const bodies = { ann: { 'dc1.1': body, 'dc2.1': { stars: 1 } }, bob: { 'dc1.1': body } };
    const expected = [
      ['video:1', 'ann', bodies.ann, ['dc2.1']],
      ['video:2', 'bob', bodies.bob, []],
    ];
    const found = visited.map((row) => {
      return [row.channel, row.id, Object.fromEntries(row.bodies), [...row.withdrawn]];
    });
    expect(found).toEqual(channel === undefined ? expected : expected.slice(0, 1));
    expect(shares.at(-1)).toBe(1);
  });
});
