import type { Client } from 'cassandra-driver';
import { OwnGeneration } from '../../app/own-generation';
import type { ProcessContext } from '../../app/process-context';
import { readSettings } from '../../runtime/settings';

/** The tables `logs`, `drains` and `processes`. */
class FakeCassandra {
  readonly logs: { origin: string; partitions: number }[] = [];
  readonly states = new Map<string, string>();
  readonly queries: string[] = [];

  get asClient(): Client {
    return this as unknown as Client;
  }

  async execute(query: string, [origin]: unknown[] = []) {
    this.queries.push(query);
    const rows = this.rowsOf(query, String(origin));
    return { rows: rows.map((row) => ({ get: (name: string) => row[name] ?? null })) };
  }

  private rowsOf(query: string, origin: string): Record<string, unknown>[] {
    if (query.includes('FROM logs')) return this.logs;
    if (query.includes('SELECT DISTINCT origin')) {
      return [...this.states].map(([name, state]) => ({ origin: name, state }));
    }
    const state = this.states.get(origin);
    return query.startsWith('SELECT') && state !== undefined ? [{ state, written: 1 }] : [];
  }
}

async function use(role: string, generation = 1) {
  const cassandra = new FakeCassandra();
  cassandra.logs.push({ origin: 'dc1.1', partitions: 8 });
  const settings = readSettings({
    ...{ ROLE: role, LOG_GENERATION: `${generation}`, DATACENTER: 'dc1' },
  });
  const around = { settings, failed: () => undefined, log: { warn: () => undefined } };
  const own = new OwnGeneration(cassandra.asClient, around as unknown as ProcessContext);
  return { cassandra, own };
}

test('a process that waited for Kafka during a drain leaves the topics closed', async () => {
  const { cassandra, own } = await use('producer');
  await own.start();
  expect(own.topicPlan.closed).toEqual([]);
  cassandra.states.set('dc1.1', 'drained');
  await own.readLogs();
  expect(own.topicPlan.closed).toEqual(['likes']);
  cassandra.states.set('dc1.1', 'recounting');
  await expect(own.readLogs()).rejects.toMatchObject({ code: 'log_mismatch' });
  await own.stop();
});

test('a frontend starts while its log is recounted, and does not begin the next one', async () => {
  const { cassandra, own } = await use('frontend');
  cassandra.states.set('dc1.1', 'recounting');
  await own.start();
  expect(own.isInService).toBe(false);
  await own.stop();
  const next = await use('frontend', 2);
  await next.own.start();
  expect(next.own.isInService).toBe(false);
  await next.own.stop();
  const producer = await use('frontend,producer', 2);
  await expect(producer.own.start()).rejects.toThrow(/npm run drain/);
  await producer.own.stop();
});

test.each([
  ['producer', 1],
  ['dispatcher', 0],
  ['frontend', 0],
])('a %s watches the drain of its log only if it takes likes', async (role, reads) => {
  const { cassandra, own } = await use(role);
  await own.start();
  const watched = cassandra.queries.filter((query) => query.startsWith('SELECT state'));
  expect(watched).toHaveLength(reads);
  await own.stop();
});
