import { KafkaQuorum } from '../../../../adapters/kafka/cluster/quorum';
import { type Belief, FakeBrokers } from '../fake-brokers';

const TOPIC = 'likes';
const OLD_ID = '1'.repeat(32);
const ID = '2'.repeat(32);

/** The state after broker 1 was elected; broker 0 led before. */
const NEW: Belief = { id: ID, leader: 1, epoch: 5, end: 30 };
/** The state that broker 0 has since it was cut off from the others. */
const CUT_OFF: Belief = { id: ID, leader: 0, epoch: 4, end: 15 };

const clusters: FakeBrokers[] = [];

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

async function use(beliefs: readonly Belief[], replicas = beliefs.map((_, id) => id)) {
  const cluster = new FakeBrokers(TOPIC, replicas);
  clusters.push(cluster);
  await cluster.start(beliefs.map((belief) => ({ ...belief })));
  return { cluster, quorum: new KafkaQuorum([cluster.addressOf(0)]) };
}

describe("a log's end", () => {
  it('is that of the newest leader, not that of a leader that was cut off', async () => {
    const { quorum } = await use([CUT_OFF, NEW, NEW]);
    expect(await quorum.end(TOPIC, 0)).toBe(30);
  });

  it('is that of the only broker', async () => {
    const { quorum } = await use([{ ...CUT_OFF, leader: 0 }]);
    expect(await quorum.end(TOPIC, 0)).toBe(15);
  });

  it('is not certain if all but one replica would be needed, and fewer answer', async () => {
    const { cluster, quorum } = await use([CUT_OFF, NEW, NEW]);
    await cluster.silence(1);
    await cluster.silence(2);
    const end = quorum.end(TOPIC, 0);
    await expect(end).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
    await expect(end).rejects.toThrow('1 of 3 replicas of likes/0 answer, 2 must');
  });

  it('is not certain if the newest leader does not lead yet', async () => {
    const { quorum } = await use([CUT_OFF, { ...NEW, epoch: 4, leader: 0 }, NEW]);
    await expect(quorum.end(TOPIC, 0)).rejects.toMatchObject({ code: 'log_unavailable' });
  });

  it('is not certain if the partition has no leader', async () => {
    const { quorum } = await use([CUT_OFF, { ...NEW, leader: -1 }, { ...NEW, leader: -1 }]);
    const end = quorum.end(TOPIC, 0);
    await expect(end).rejects.toMatchObject({ code: 'log_unavailable' });
    await expect(end).rejects.toThrow('likes/0 has no leader');
  });

  it('is not certain if no broker has the partition', async () => {
    const { quorum } = await use([{ ...NEW, id: undefined }]);
    const end = quorum.end(TOPIC, 0);
    await expect(end).rejects.toMatchObject({ code: 'log_unavailable' });
    await expect(end).rejects.toThrow('no broker that answers has likes/0');
  });
});

describe("a topic's life", () => {
  it('is the id that most brokers return, not that of a broker that was cut off', async () => {
    const { quorum } = await use([{ ...CUT_OFF, id: OLD_ID }, NEW, NEW]);
    expect(await quorum.topicIds([TOPIC])).toEqual([{ topic: TOPIC, id: ID, partitions: 1 }]);
  });

  it('is left out if most brokers lack the topic', async () => {
    const unknown = { ...NEW, id: undefined };
    const { quorum } = await use([CUT_OFF, unknown, unknown]);
    expect(await quorum.topicIds([TOPIC])).toEqual([]);
  });

  it('is left out if brokers return no id', async () => {
    const { quorum } = await use([{ ...NEW, id: '0'.repeat(32) }]);
    expect(await quorum.topicIds([TOPIC])).toEqual([]);
  });

  it.each([
    ['half of the brokers have another one', [CUT_OFF, { ...NEW, id: OLD_ID }]],
    ['all have different ones', [{ ...CUT_OFF, id: OLD_ID }, NEW, { ...NEW, id: undefined }]],
  ])('is not certain if %s', async (_, beliefs) => {
    const { quorum } = await use(beliefs);
    const lives = quorum.topicIds([TOPIC]);
    await expect(lives).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
    await expect(lives).rejects.toThrow('brokers answer for topic likes, but their answers differ');
  });

  it('is not certain if too few brokers answer', async () => {
    const { cluster, quorum } = await use([NEW, NEW, NEW]);
    await cluster.silence(1);
    await cluster.silence(2);
    const lives = quorum.topicIds([TOPIC]);
    await expect(lives).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
    await expect(lives).rejects.toThrow(/no majority: 1 of 3 brokers answer for topic likes$/);
  });
});
