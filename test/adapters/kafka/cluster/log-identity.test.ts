import type { Client } from 'cassandra-driver';
import { LogIdentity } from '../../../../adapters/kafka/cluster/log-identity';
import { KafkaQuorum } from '../../../../adapters/kafka/cluster/quorum';
import { type Belief, FakeBrokers } from '../fake-brokers';

const TOPIC = 'likes';
const OLD_ID = '1'.repeat(32);
const ID = '2'.repeat(32);
const NEW: Belief = { id: ID, leader: 1, epoch: 5, end: 30 };
const CUT_OFF: Belief = { ...NEW, leader: 0, epoch: 4, id: OLD_ID };

let cluster: FakeBrokers;

afterEach(() => cluster.stop());

/** The `logs` table in memory. */
class FakeCassandra {
  readonly rows: { topic: string; topic_id: string; partitions: number }[] = [];

  async execute(query: string, [, topic, topic_id, partitions]: unknown[]) {
    if (query.startsWith('INSERT')) {
      const row = {
        topic: String(topic),
        topic_id: String(topic_id),
        partitions: Number(partitions),
      };
      this.rows.push(row);
    }
    const rows = this.rows.map((row) => ({ get: (name: keyof typeof row) => row[name] }));
    return { rows };
  }
}

async function use(beliefs: readonly Belief[]) {
  cluster = new FakeBrokers(TOPIC, [0, 1, 2]);
  await cluster.start(beliefs.map((belief) => ({ ...belief })));
  const brokers = [0, 1, 2].map((id) => cluster.addressOf(id));
  const cassandra = new FakeCassandra();
  const identity = new LogIdentity('dc1.1', brokers, new KafkaQuorum(brokers));
  const verify = () => identity.verify(cassandra as unknown as Client, [TOPIC]);
  return { cassandra, identity, verify };
}

describe('the identity of the log', () => {
  it('is recorded as most brokers return it', async () => {
    const { cassandra, verify } = await use([CUT_OFF, NEW, NEW]);
    await verify();
    expect(cassandra.rows).toEqual([{ topic: TOPIC, topic_id: ID, partitions: 1 }]);
  });

  it('is recorded only once most brokers know a new topic', async () => {
    const unaware = { ...NEW, id: undefined };
    const { cassandra, identity, verify } = await use([NEW, unaware, unaware]);
    await expect(verify()).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
    expect(cassandra.rows).toEqual([]);
    for (const belief of cluster.beliefs.values()) belief.id = ID;
    await verify();
    expect(cassandra.rows).toMatchObject([{ topic_id: ID }]);
    await expect(identity.check()).resolves.toBeUndefined();
  });

  it.each([
    ['has the topic that was deleted', { id: OLD_ID }],
    ['starts, and has no topic yet', { id: undefined }],
    ['has no id of the topic', { id: '0'.repeat(32) }],
  ])('is the same although the first broker %s', async (_, belief) => {
    const { identity, verify } = await use([NEW, NEW, NEW]);
    await verify();
    Object.assign(cluster.beliefs.get(0) ?? {}, belief);
    await expect(identity.check()).resolves.toBeUndefined();
  });

  it('differs if most brokers return another id', async () => {
    const { identity, verify } = await use([NEW, NEW, NEW]);
    await verify();
    for (const id of [0, 1]) Object.assign(cluster.beliefs.get(id) ?? {}, { id: OLD_ID });
    await expect(identity.check()).rejects.toMatchObject({
      code: 'log_mismatch',
      retriable: false,
    });
  });

  it('is unknown without the topic, with an error that can be tried again', async () => {
    const { identity, verify } = await use([NEW, NEW, NEW]);
    await verify();
    for (const belief of cluster.beliefs.values()) belief.id = undefined;
    await expect(identity.check()).rejects.toMatchObject({
      code: 'log_unavailable',
      retriable: true,
    });
  });
});
