import { CassandraStateScan } from '../../../adapters/cassandra/state-scan';
import { CassandraStates } from '../../../adapters/cassandra/state-store';
import type { State } from '../../../schemas/state';
import { types } from '../../contract/stores-types';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeTables } from './fake-tables';

const state = (change: Partial<State>): State => {
  return { channel: 'video:1', type: 'likes', origin: 'dc1.1', version: 1, state: {}, ...change };
};

describe('CassandraStateScan', () => {
  it('visits each state of one origin, of all types', async () => {
    const tables = new FakeTables(types.logged);
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
