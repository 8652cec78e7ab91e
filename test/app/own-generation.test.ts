import type { Client } from 'cassandra-driver';
import { OwnGeneration } from '../../app/own-generation';
import type { ProcessContext } from '../../app/process-context';
import { readSettings } from '../../runtime/settings/settings';
import type { EventType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { watching, waves } from '../dispatchers/moments/parts';

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

/** A process with the event types likes and votes. */
async function use(
  role: string,
  generation = 1,
  more: Record<string, string> = {},
  moreTypes: readonly EventType[] = [],
) {
  const cassandra = new FakeCassandra();
  cassandra.logs.push({ origin: 'dc1.1', partitions: 8 });
  const settings = readSettings({
    ...{ ROLE: role, LOG_GENERATION: `${generation}`, DATACENTER: 'dc1', ...more },
  });
  const types = new EventTypes([likes, { ...likes, name: 'votes' }, ...moreTypes]);
  const reports = { failed: () => undefined, log: { warn: () => undefined } };
  const around = { ...reports, names: new Names(), settings, types };
  const own = new OwnGeneration(cassandra.asClient, around as unknown as ProcessContext);
  return { cassandra, own };
}

test('a process that waited for Kafka during a drain leaves the topics closed', async () => {
  const { cassandra, own } = await use('producer');
  await own.start();
  expect(own.topicPlan.closed).toEqual([]);
  cassandra.states.set('dc1.1', 'drained');
  await own.readLogs();
  expect(own.topicPlan.closed).toEqual(['likestream.likes', 'likestream.votes']);
  cassandra.states.set('dc1.1', 'recounting');
  await expect(own.readLogs()).rejects.toMatchObject({ code: 'log_mismatch' });
  await own.stop();
});

test('the topics are those of all event types, with their updates from and for peers', async () => {
  const { own } = await use('dispatcher', 1, { PEER_DATACENTERS: 'dc2' });
  await own.start();
  const mirrored = [
    'dc2.likestream.updates.likes',
    'dc2.likestream.updates.likes.2',
    'dc2.likestream.updates.votes',
    'dc2.likestream.updates.votes.2',
  ];
  const updates = ['likestream.updates.likes', 'likestream.updates.votes'];
  const topics = ['likestream.likes', 'likestream.votes'];
  expect(own.topics).toEqual(topics);
  expect(own.peerTopicsOf('votes')).toEqual(mirrored.slice(2));
  expect(own.topicPlan).toMatchObject({ names: [...topics, ...updates, ...mirrored], mirrored });
  await own.stop();
  const alone = await use('dispatcher', 1);
  await alone.own.start();
  expect(alone.own.topicPlan).toMatchObject({ names: topics, mirrored: [], partitions: 8 });
  await alone.own.stop();
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
])('a %s watches the drain of its log only if it takes entries', async (role, reads) => {
  const { cassandra, own } = await use(role);
  await own.start();
  const watched = cassandra.queries.filter((query) => query.startsWith('SELECT state'));
  expect(watched).toHaveLength(reads);
  await own.stop();
});

test.each([
  ['producer', [waves], '', ['likestream.moments']],
  ['producer', [watching], 'dc2', []],
  ['dispatcher', [watching], '', []],
  ['dispatcher', [watching], 'dc2', ['likestream.moments', 'dc2.likestream.moments']],
  ['dispatcher', [waves], '', ['likestream.moments']],
  ['frontend', [waves, watching], 'dc2', []],
])('the topics of moments of a %s', async (role, types, peers, topics) => {
  // All generations share them.
  const { cassandra, own } = await use(role, 2, { PEER_DATACENTERS: peers }, types);
  cassandra.states.set('dc1.1', 'drained');
  await own.start();
  expect(own.topicPlan.moments).toEqual(topics);
  await own.stop();
});
