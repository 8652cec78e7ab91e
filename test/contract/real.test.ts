import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'cassandra-driver';
import type { Redis } from 'ioredis';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { NativeStack } from '../../compose/native/native-stack';
import { CassandraStates } from '../../dispatchers/cassandra-states';
import { LEASE_MS } from '../../dispatchers/directory';
import { KafkaSource } from '../../dispatchers/kafka-source';
import { RedisCache } from '../../dispatchers/redis-cache';
import { RedisDirectory } from '../../dispatchers/redis-directory';
import { CassandraLikeStore } from '../../producers/cassandra-like-store';
import { KafkaLog } from '../../producers/kafka-log';
import { setUpTables } from '../../roles/set-up';
import { openCassandra } from '../../runtime/cassandra';
import { systemClock } from '../../runtime/clock';
import { consumerOf, openKafka, producerOf } from '../../runtime/kafka';
import { openLog } from '../../runtime/log-lines';
import { openRedis } from '../../runtime/redis';
import { topicLives } from '../../runtime/topic-metadata';
import { PARTITIONS } from '../../schemas/topics';
import { eventually } from '../end-to-end/api';
import { describeCacheContract } from './cache.contract';
import { describeDirectoryContract } from './directory.contract';
import { describeLikeStoreContract } from './like-store.contract';
import { describeLogContract } from './log.contract';
import { describeRedisKeys } from './redis-keys.contract';
import { describeStatesContract } from './states.contract';
import { freshId, realTime as time } from './time';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'likestream-real-'));
const stack = new NativeStack({ folder });
const close = async (): Promise<void> => undefined;
let kafka: Kafka;
let admin: Admin;
let producer: Producer;
let cassandra: Client;
let redis: Redis;

beforeAll(async () => {
  await stack.start();
  const { addresses } = stack;
  kafka = openKafka([addresses.kafka], openLog('silent', 'test'));
  admin = kafka.admin();
  producer = producerOf(kafka);
  cassandra = openCassandra({
    contactPoints: [addresses.cassandra],
    localDatacenter: 'datacenter1',
  });
  redis = openRedis(addresses.redis);
  await Promise.all([admin.connect(), producer.connect(), cassandra.connect()]);
  await setUpTables(cassandra, "'datacenter1': 1");
}, START_MS);

afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect(), cassandra.shutdown()]);
  redis.disconnect();
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

describeLogContract('Kafka', async () => {
  const topic = freshId('likes');
  const groupId = freshId('group');
  await admin.createTopics({
    topics: [{ topic, numPartitions: PARTITIONS }],
    waitForLeaders: true,
  });
  const failed = (): void => undefined;
  const join = () =>
    new KafkaSource({
      consumer: consumerOf(kafka, groupId),
      ...{ admin, groupId, topic, failed, clock: systemClock },
    });
  return { log: new KafkaLog(producer), topic, partitions: PARTITIONS, join, time, close };
});

it("tells a topic's life from that of one with its name that was made anew", async () => {
  const topic = freshId('likes');
  const { kafka: broker } = stack.addresses;
  const create = () => admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  await create();
  const [first] = await topicLives(broker, [topic, freshId('absent')]);
  expect(first).toEqual({ topic, id: expect.stringMatching(/^[0-9a-f]{32}$/), partitions: 3 });
  expect(await topicLives(broker, [topic])).toEqual([first]);
  await admin.deleteTopics({ topics: [topic] });
  await eventually(async () => expect(await topicLives(broker, [topic])).toEqual([]));
  await create();
  const [second] = await topicLives(broker, [topic]);
  expect(second).toMatchObject({ topic, partitions: 3 });
  expect(second?.id).not.toBe(first?.id);
});

describeLikeStoreContract('Cassandra', async () => ({
  store: new CassandraLikeStore(cassandra, 'dc1.1'),
  time,
  close,
}));

describe('a like of two datacenters', () => {
  const storeOf = (origin: string) => new CassandraLikeStore(cassandra, origin);
  const like = { likeId: 'one', memberId: 'ann', reaction: 'like', at: 1 };

  it('is one row, with the offset in each of their logs', async () => {
    const [here, there] = [storeOf('dc1.1'), storeOf('dc2.1')];
    const videoId = freshId('video');
    const channel = `video:${videoId}`;
    const ofHere = async () => (await here.offsets(channel, ['one'])).get('one');
    await there.insert(channel, [{ ...like, videoId, offset: 7 }]);
    expect(await here.find(channel, ['one'])).toEqual([{ ...like, videoId }]);
    expect(await ofHere()).toEqual({
      own: undefined,
      isWithdrawn: false,
      elsewhere: ['dc2.1'],
    });
    await here.insert(channel, [{ ...like, videoId, offset: 9 }]);
    expect(await ofHere()).toEqual({ own: 9, isWithdrawn: false, elsewhere: ['dc2.1'] });
    await there.withdraw(channel, ['one']);
    expect(await ofHere()).toEqual({ own: 9, isWithdrawn: false, elsewhere: [] });
  });

  it.each(['before', 'after'])('stays withdrawn that is put there %s that', async (when) => {
    const store = storeOf('dc2.1');
    const videoId = freshId('video');
    const channel = `video:${videoId}`;
    if (when === 'before') await store.insert(channel, [{ ...like, videoId, offset: 7 }]);
    await store.withdraw(channel, ['one']);
    if (when === 'after') {
      expect(await store.find(channel, ['one'])).toEqual([]);
      await store.insert(channel, [{ ...like, videoId, offset: 7 }]);
    }
    expect(await store.find(channel, ['one'])).toEqual([{ ...like, videoId }]);
    const offsets = await store.offsets(channel, ['one']);
    expect(offsets.get('one')).toEqual({ own: 7, isWithdrawn: true, elsewhere: [] });
  });
});

describeStatesContract('Cassandra', async () => ({
  states: new CassandraStates(cassandra),
  time,
  close,
}));

describeDirectoryContract('Redis', async () => ({
  directory: new RedisDirectory(redis),
  cache: new RedisCache(redis),
  leaseMs: LEASE_MS,
  time,
  close,
}));

describeCacheContract('Redis', async () => ({ cache: new RedisCache(redis), time, close }));
describeRedisKeys(() => redis);
