import { CassandraRowScan } from '../../../adapters/cassandra/row-scan';
import { CassandraRowStore } from '../../../adapters/cassandra/row-store';
import { CassandraStateScan } from '../../../adapters/cassandra/state-scan';
import { CassandraStates } from '../../../adapters/cassandra/state-store';
import type { ScannedRow } from '../../../adapters/row-scan';
import { likes } from '../../../schemas/likes';
import type { State } from '../../../schemas/state';
import { describeRowStoreContract } from '../../contract/row-store.contract';
import { describeRowStoreOriginsContract } from '../../contract/row-store-origins.contract';
import { describeStatesContract } from '../../contract/states.contract';
import { ratings, types } from '../../contract/stores-types';
import { realTime as time } from '../../contract/time';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeTables } from './fake-tables';

const close = async (): Promise<void> => undefined;

describeRowStoreContract('Cassandra, on the tables of a fake', async () => {
  const tables = new FakeTables(types.all);
  return { storeOf: (type) => new CassandraRowStore(tables, type, 'dc1.1'), time, close };
});

describeRowStoreOriginsContract('Cassandra, on the tables of a fake', async () => {
  const tables = new FakeTables(types.all);
  return { storeOf: (type, origin) => new CassandraRowStore(tables, type, origin), time, close };
});

describeStatesContract('Cassandra, on the tables of a fake', async () => {
  return { states: new CassandraStates(new FakeTables(types.all), types), time, close };
});

const state = (change: Partial<State>): State => {
  return { channel: 'video:1', type: 'likes', origin: 'dc1.1', version: 1, state: {}, ...change };
};

describe('CassandraStates', () => {
  it('rejects a state that has not the shape of its type with `store_unavailable`', async () => {
    const states = new CassandraStates(new FakeTables(types.all), types);
    await states.save([state({ state: { like: 'many' } })]);
    await expect(states.load(['video:1'])).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('CassandraStateScan', () => {
  it('visits each state of one origin, of all types', async () => {
    const tables = new FakeTables(types.all);
    const own = [
      state({ state: { like: 2 } }),
      state({ type: 'star-ratings', version: 5, state: { '3': 1 } }),
      state({ channel: 'video:2', type: 'unknown', state: ['any'] }),
    ];
    await new CassandraStates(tables, types).save([...own, state({ origin: 'dc1.10' })]);
    const visited: State[] = [];
    const scan = new CassandraStateScan(types, { client: tables, clock: new VirtualClock() });
    await scan.scan('dc1.1', async (states) => void visited.push(...states));
    expect(visited).toEqual(own);
  });
});

describe('CassandraRowScan', () => {
  it.each([undefined, 'video:1'])('visits each row of one type: channel %s', async (channel) => {
    const tables = new FakeTables(types.all);
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
