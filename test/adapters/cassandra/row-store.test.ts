import { CassandraRowStore } from '../../../adapters/cassandra/row-store';
import { describeRowStoreContract } from '../../contract/row-store.contract';
import { describeRowStoreOriginsContract } from '../../contract/row-store-origins.contract';
import { storedTypes } from '../../contract/stores-types';
import { realTime as time } from '../../contract/time';
import { FakeTables } from './fake-tables';

const close = async (): Promise<void> => undefined;

describeRowStoreContract('Cassandra, on the tables of a fake', async () => {
  const tables = new FakeTables(storedTypes.logged);
  return { storeOf: (type) => new CassandraRowStore(tables, type, 'dc1.1'), time, close };
});

describeRowStoreOriginsContract('Cassandra, on the tables of a fake', async () => {
  const tables = new FakeTables(storedTypes.logged);
  return { storeOf: (type, origin) => new CassandraRowStore(tables, type, origin), time, close };
});
