import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'cassandra-driver';
import type { Redis } from 'ioredis';
import { type Admin, ConfigResourceTypes, type Kafka, type Producer } from 'kafkajs';
import { NativeStack } from '../../compose/native/native-stack';
import { CassandraStates } from '../../dispatchers/cassandra-states';
import { LEASE_MS } from '../../dispatchers/directory';
import { KafkaSource } from '../../dispatchers/kafka-source';
import { RedisCache } from '../../dispatchers/redis-cache';
import { RedisDirectory } from '../../dispatchers/redis-directory';
import { CassandraLikeStore, shardOf } from '../../producers/cassandra-like-store';
import { KafkaLog } from '../../producers/kafka-log';
import { setUpTables, setUpTopics } from '../../roles/set-up';
import { setUpTopicSettings } from '../../roles/topic-settings';
import { openCassandra } from '../../runtime/cassandra';
import { LimitedSession } from '../../runtime/cassandra-session';
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
import { Notes } from './notes';
import { describeRedisKeys } from './redis-keys.contract';
import { describeStatesContract } from './states.contract';
import { freshChannel, freshId, realTime as time } from './time';

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
let session: LimitedSession;
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
  session = new LimitedSession(cassandra, systemClock);
  redis = openRedis(addresses.redis);
  await Promise.all([admin.connect(), producer.connect(), cassandra.connect()]);
  await setUpTables(cassandra, "'datacenter1': 1");
}, START_MS);

afterAll(async () => {
  session.close();
  await Promise.all([admin.disconnect(), producer.disconnect(), cassandra.shutdown()]);
  redis.disconnect();
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

/** Waits until the broker knows a new topic, which takes a moment. */
async function createTopic(topic: string, numPartitions = PARTITIONS): Promise<void> {
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: false });
  await eventually(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions.every(({ leader }) => leader >= 0)).toBe(true);
  });
}

describeLogContract('Kafka', async () => {
  const topic = freshId('likes');
  const groupId = freshId('group');
  await createTopic(topic);
  const failed = (): void => undefined;
  const join = (fatal: (error: Error) => void = failed) =>
    new KafkaSource({
      consumer: consumerOf(kafka, groupId),
      ...{ admin, groupId, topic, failed, fatal, clock: systemClock },
    });
  const log = new KafkaLog({ producer, clock: systemClock, fatal: failed });
  return { log, topic, partitions: PARTITIONS, join, time, close };
});

it('alters the settings that exactness needs, and keeps the others of the topic', async () => {
  const topic = freshId('likes');
  const configEntries = [
    { name: 'retention.ms', value: '86400000' },
    { name: 'max.message.bytes', value: '500000' },
  ];
  const topics = [{ topic, numPartitions: 3, configEntries }];
  await admin.createTopics({ topics, waitForLeaders: false });
  await eventually(() => admin.fetchTopicMetadata({ topics: [topic] }));
  const lines: string[] = [];
  await setUpTopicSettings(admin, new Map([[topic, 3]]), (line) => lines.push(line));
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
  const [described] = (await admin.describeConfigs({ resources, includeSynonyms: false }))
    .resources;
  const settingOf = (name: string) =>
    described?.configEntries.find(({ configName }) => configName === name)?.configValue;
  expect(settingOf('message.timestamp.type')).toBe('LogAppendTime');
  expect(settingOf('min.insync.replicas')).toBe('2');
  expect(settingOf('unclean.leader.election.enable')).toBe('false');
  expect(settingOf('max.message.bytes')).toBe('1048588');
  expect(settingOf('retention.ms')).toBe('86400000');
  expect(lines).toEqual([]);
});

it('creates all topics of two datacenters with these settings, and may run again', async () => {
  const lines: string[] = [];
  const names = ['likes', 'updates', 'dc2.updates'];
  const plan = { names, partitions: PARTITIONS, replicas: 1 };
  for (let run = 0; run < 2; run++) {
    await setUpTopics(admin, plan, (line) => lines.push(line));
  }
  expect(lines).toEqual([]);
  const topics = await admin.listTopics();
  expect(topics).toEqual(expect.arrayContaining(names));
});

it('joins once a group member with another partition assigner has left', async () => {
  const [topic, groupId] = [freshId('likes'), freshId('group')];
  await createTopic(topic);
  const foreigner = kafka.consumer({ groupId, sessionTimeout: 6_000 });
  const joined = new Promise((resolve) => foreigner.on(foreigner.events.GROUP_JOIN, resolve));
  await foreigner.connect();
  await foreigner.subscribe({ topics: [topic] });
  await foreigner.run({ eachMessage: async () => undefined });
  await joined;
  const [memberships, failures, fatals]: [boolean[], string[], Error[]] = [[], [], []];
  const source = new KafkaSource({
    ...{ consumer: consumerOf(kafka, groupId), admin, groupId, topic, clock: systemClock },
    membership: (isMember) => memberships.push(isMember),
    failed: (doing) => failures.push(doing),
    fatal: (error) => fatals.push(error),
  });
  const notes = new Notes();
  await source.start(notes);
  await eventually(async () => expect(failures.length).toBeGreaterThan(1));
  expect(memberships).not.toContain(true);
  await foreigner.disconnect();
  await eventually(async () => expect(notes.positions.size).toBe(PARTITIONS));
  expect(memberships.at(-1)).toBe(true);
  expect(fatals).toEqual([]);
  await source.stop();
});

it('appends 3 MB in one call, in several requests', async () => {
  const topic = freshId('likes');
  await createTopic(topic, 2);
  const fatal = (error: Error): never => {
    throw error;
  };
  const log = new KafkaLog({ producer, clock: systemClock, fatal });
  const entries = Array.from({ length: 30 }, (_, at) => ({
    ...{ key: 'video:a', partition: at % 2 },
    value: `${at}`.padEnd(100_000),
  }));
  const offsets = await log.append(topic, entries);
  expect(offsets).toEqual(entries.map((_, at) => Math.floor(at / 2)));
});

it("tells a topic's life from that of one with its name that was made anew", async () => {
  const topic = freshId('likes');
  const { kafka: broker } = stack.addresses;
  const create = () => createTopic(topic, 3);
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
  store: new CassandraLikeStore(session, 'dc1.1'),
  time,
  close,
}));

describe('a like of two datacenters', () => {
  const storeOf = (origin: string) => new CassandraLikeStore(session, origin);
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
  states: new CassandraStates(session),
  time,
  close,
}));

describe("an operator's DELETE", () => {
  const channel = freshChannel();
  const state = (version: number) => ({ channel, origin: 'dc1.1', version, counts: {} });
  const where = `WHERE channel = '${channel}'`;

  it('with the current time deletes no saved state, and hides no later save', async () => {
    const states = new CassandraStates(session);
    await states.save([state(5)]);
    await session.execute(`DELETE FROM states ${where}`, []);
    expect(await states.load([channel])).toEqual([state(5)]);
    await states.save([state(6)]);
    expect(await states.load([channel])).toEqual([state(6)]);
  });

  it("at a state's own write time deletes it, and hides no later save", async () => {
    const states = new CassandraStates(session);
    await states.save([state(7)]);
    const [row] = await session.execute(`SELECT WRITETIME(state) AS at FROM states ${where}`, []);
    await session.execute(`DELETE FROM states USING TIMESTAMP ? ${where}`, [row?.get('at')]);
    expect(await states.load([channel])).toEqual([]);
    await states.save([state(8)]);
    expect(await states.load([channel])).toEqual([state(8)]);
  });

  it('deletes a like with the time of offset 0, and nothing with the current time', async () => {
    const store = new CassandraLikeStore(session, 'dc1.1');
    const like = { likeId: 'one', memberId: 'ann', reaction: 'like', at: 1 };
    await store.insert(channel, [{ ...like, videoId: channel.slice('video:'.length), offset: 0 }]);
    await store.withdraw(channel, ['one']);
    const key = `${where} AND shard = ${shardOf('one')} AND like_id = 'one'`;
    await session.execute(`DELETE FROM likes ${key}`, []);
    const offsets = async () => (await store.offsets(channel, ['one'])).get('one');
    expect(await offsets()).toEqual({ own: 0, isWithdrawn: true, elsewhere: [] });
    await session.execute(`DELETE FROM likes USING TIMESTAMP ${2 ** 52} ${key}`, []);
    expect(await offsets()).toBeUndefined();
    expect(await store.find(channel, ['one'])).toEqual([]);
  });
});

describeDirectoryContract('Redis', async () => ({
  directory: new RedisDirectory(redis),
  cache: new RedisCache(redis),
  leaseMs: LEASE_MS,
  time,
  close,
}));

describeCacheContract('Redis', async () => ({ cache: new RedisCache(redis), time, close }));
describeRedisKeys(() => redis);
