import { BUCKET_NUMBERS, CassandraHistory } from '../../../adapters/cassandra/history';
import { describeHistoryContract } from '../../contract/history.contract';
import { realTime as time } from '../../contract/time';
import { FakeHistories } from './fake-histories';

const close = async (): Promise<void> => undefined;

describeHistoryContract('Cassandra, on the tables of a fake', async () => {
  const tables = new FakeHistories();
  return { historyOf: (type) => new CassandraHistory(tables, type), runs: 300, time, close };
});

const ROWS = 5_500;
const LIMIT = 100;
const key = { channel: 'video:a', origin: 'dc1.1', limit: LIMIT };

async function written() {
  const tables = new FakeHistories();
  const history = new CassandraHistory(tables, 'notes');
  const rows = Array.from({ length: ROWS }, (_, at) => {
    return { offset: at * 2, number: at + 1, id: `id-${at}`, isDeletion: false };
  });
  await history.write(key.channel, key.origin, rows);
  return { history, tables };
}

it.each([0, 5, 998, 999, 1_000, 3_000, 5_400, ROWS - 1])(
  'a page after or before entry %d reads the index and at most two buckets',
  async (number) => {
    const { history, tables } = await written();
    const offset = number * 2;
    expect(await history.oldest({ ...key, after: offset })).toHaveLength(
      Math.min(LIMIT, ROWS - 1 - number),
    );
    expect(tables.reads.length).toBeLessThanOrEqual(3);
    tables.reads.length = 0;
    expect(await history.newest({ ...key, before: offset })).toHaveLength(Math.min(LIMIT, number));
    expect(tables.reads.length).toBeLessThanOrEqual(3);
  },
);

it('the newest page reads the index and at most two buckets', async () => {
  const { history, tables } = await written();
  expect(await history.newest(key)).toHaveLength(LIMIT);
  expect(tables.reads).toHaveLength(2);
});

it('a request writes at most 100 rows, all of one bucket', async () => {
  const { tables } = await written();
  expect(Math.max(...tables.batches)).toBe(100);
  expect(tables.batches).toHaveLength((5 * BUCKET_NUMBERS) / 100 + 5);
});
