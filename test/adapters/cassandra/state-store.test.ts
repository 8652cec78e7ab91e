import { CassandraStates } from '../../../adapters/cassandra/state-store';
import { EventTypes } from '../../../schemas/event-types';
import { viewers } from '../../../schemas/viewers';
import { describeStatesContract } from '../../contract/states.contract';
import { types } from '../../contract/stores-types';
import { realTime as time } from '../../contract/time';
import { FakeTables } from './fake-tables';

const close = async (): Promise<void> => undefined;

describeStatesContract('Cassandra, on the tables of a fake', async () => {
  return { states: new CassandraStates(new FakeTables(types.logged), types), time, close };
});

describe('CassandraStates', () => {
  it('rejects a state that has not the shape of its type with `store_unavailable`', async () => {
    const key = { channel: 'video:1', type: 'likes', origin: 'dc1.1' };
    const states = new CassandraStates(new FakeTables(types.logged), types);
    await states.save([{ ...key, version: 1, state: { like: 'many' } }]);
    await expect(states.load(['video:1'])).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('leaves states of leased types out of all, whatever their shape', async () => {
    const all = new EventTypes([...types.all, viewers]);
    const key = { channel: 'video:1', type: 'viewers', origin: 'dc1.0' };
    const states = new CassandraStates(new FakeTables(types.logged), all);
    await states.save([{ ...key, version: 1, state: { of: 'another release' } }]);
    expect(await states.load(['video:1'])).toEqual([]);
  });
});
