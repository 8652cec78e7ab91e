import type { Client } from 'cassandra-driver';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { cassandraServers } from '../../adapters/cassandra/access';
import { openCassandra } from '../../adapters/cassandra/client';
import { CassandraFacts } from '../../adapters/cassandra/fact-store';
import { CassandraHistory } from '../../adapters/cassandra/history';
import { CassandraRowStore } from '../../adapters/cassandra/row-store';
import { LimitedSession } from '../../adapters/cassandra/session';
import { setUpTables } from '../../adapters/cassandra/set-up-tables';
import { CassandraStates } from '../../adapters/cassandra/state-store';
import { KafkaLog } from '../../adapters/kafka/append/event-log';
import { consumerOf, openKafka, producerOf } from '../../adapters/kafka/client/client';
import { kafkaSecurity } from '../../adapters/kafka/client/security';
import { logEndAt } from '../../adapters/kafka/cluster/log-end-request';
import { KafkaQuorum } from '../../adapters/kafka/cluster/quorum';
import { topicIds } from '../../adapters/kafka/cluster/topic-metadata';
import { KafkaLogSource } from '../../adapters/kafka/consume/log-source';
import { systemClock } from '../../runtime/clock';
import { openLog } from '../../runtime/log-lines';
import { readSettings } from '../../runtime/settings/settings';
import { Names } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';
import { eventually } from '../end-to-end/api';
import { describeDeletesByOperators } from './deletes.contract';
import { describeFactsContract } from './facts.contract';
import { describeHistoryContract } from './history.contract';
import { describeLogContract } from './log.contract';
import { describeKafkaMoments } from './moments-kafka.contract';
import { RecordingConsumer } from './recording-consumer';
import { describeRowStoreContract } from './row-store.contract';
import { describeRowStoreOriginsContract } from './row-store-origins.contract';
import { describeStatesContract } from './states.contract';
import { storedTypes, types } from './stores-types';
import { freshId, realTime as time } from './time';
import { describeTopicSettings } from './topic-settings.contract';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;

jest.setTimeout(60_000);

type Environment = Readonly<Record<string, string>>;

/** A Kafka and a Cassandra, and the settings by which roles reach them. */
export interface ServersUnderTest {
  start(): Promise<void>;
  end(): Promise<void>;
  /** The settings of a role; available once the servers have started. */
  readonly settings: Environment;
  /** The settings of a person who may delete topics. */
  readonly operator: Environment;
}

/** The contracts of the adapters, over the servers of the file that calls it. */
export function describeServers(servers: ServersUnderTest): void {
  openClients(servers);
  describeKafka();
  describeTopicIds();
  describeCassandra();
}

const close = async (): Promise<void> => undefined;
let settings: ReturnType<typeof readSettings>;
let kafka: Kafka;
let admin: Admin;
let operator: Admin;
let producer: Producer;
let mirror: Producer;
let cassandra: Client;
let session: LimitedSession;

function openClients(servers: ServersUnderTest): void {
  beforeAll(async () => {
    await servers.start();
    settings = readSettings(servers.settings);
    kafka = kafkaOf(servers.settings);
    admin = kafka.admin();
    const operatorKafka = kafkaOf(servers.operator);
    operator = operatorKafka.admin();
    producer = producerOf(kafka);
    mirror = producerOf(operatorKafka);
    cassandra = openCassandra(cassandraServers(settings));
    session = new LimitedSession(cassandra, systemClock);
    await Promise.all([operator, admin, producer, mirror].map((one) => one.connect()));
    await cassandra.connect();
    const replication = "'datacenter1': 1";
    await setUpTables(cassandra, { types: storedTypes, names: new Names(), replication });
  }, START_MS);

  afterAll(async () => {
    session?.close();
    const clients = [operator, admin, producer, mirror].map((one) => one?.disconnect());
    await Promise.allSettled([...clients, cassandra?.shutdown()]);
    await servers.end();
  }, START_MS);
}

function kafkaOf(environment: Environment): Kafka {
  const of = readSettings(environment);
  return openKafka(of.KAFKA_BROKERS, openLog('silent', 'test'), kafkaSecurity(of));
}

/** Waits until the broker lists a new topic, which takes a moment. */
async function createTopic(topic: string, numPartitions = PARTITIONS): Promise<void> {
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: false });
  await eventually(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions.every(({ leader }) => leader >= 0)).toBe(true);
  });
}

function describeKafka(): void {
  describeLogContract('Kafka', async () => {
    const topic = freshId('likestream.likes');
    const groupId = freshId('likestream.group');
    await createTopic(topic);
    const failed = (): void => undefined;
    const join = (fatal: (error: Error) => void = failed) =>
      new KafkaLogSource({
        consumer: consumerOf(kafka, groupId),
        ...{ admin, groupId, topic, failed, fatal, clock: systemClock },
      });
    const log = new KafkaLog({ producer, clock: systemClock, fatal: failed });
    return { log, topic, partitions: PARTITIONS, join, time, close };
  });

  describeTopicSettings(() => admin);
  describeKafkaMoments(() => ({ kafka, admin, operator, producer, mirror }));

  it('joins once a group member with another partition assigner has left', async () => {
    const [topic, groupId] = [freshId('likestream.likes'), freshId('likestream.group')];
    await createTopic(topic);
    const foreigner = kafka.consumer({ groupId, sessionTimeout: 6_000 });
    const joined = new Promise((resolve) => foreigner.on(foreigner.events.GROUP_JOIN, resolve));
    await foreigner.connect();
    await foreigner.subscribe({ topics: [topic] });
    await foreigner.run({ eachMessage: async () => undefined });
    await joined;
    const [memberships, failures, fatals]: [boolean[], string[], Error[]] = [[], [], []];
    const source = new KafkaLogSource({
      ...{ consumer: consumerOf(kafka, groupId), admin, groupId, topic, clock: systemClock },
      membership: (isMember) => memberships.push(isMember),
      failed: (doing) => failures.push(doing),
      fatal: (error) => fatals.push(error),
    });
    const consumer = new RecordingConsumer();
    await source.start(consumer);
    await eventually(async () => expect(failures.length).toBeGreaterThan(1));
    expect(memberships).not.toContain(true);
    await foreigner.disconnect();
    await eventually(async () => expect(consumer.positions.size).toBe(PARTITIONS));
    expect(memberships.at(-1)).toBe(true);
    expect(fatals).toEqual([]);
    await source.stop();
  });

  it('appends 3 MB in one call, in several requests', async () => {
    const topic = freshId('likestream.likes');
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
}

function describeTopicIds(): void {
  it("distinguishes a topic's id from that of a new topic with its name", async () => {
    const topic = freshId('likestream.likes');
    const [broker = ''] = settings.KAFKA_BROKERS;
    const security = kafkaSecurity(settings);
    const create = () => createTopic(topic, 3);
    await create();
    const [first] = await topicIds(broker, [topic, freshId('likestream.absent')], security);
    expect(first).toEqual({ topic, id: expect.stringMatching(/^[0-9a-f]{32}$/), partitions: 3 });
    expect(await topicIds(broker, [topic], security)).toEqual([first]);
    await operator.deleteTopics({ topics: [topic] });
    await eventually(async () => expect(await topicIds(broker, [topic], security)).toEqual([]));
    await create();
    const [second] = await topicIds(broker, [topic], security);
    expect(second).toMatchObject({ topic, partitions: 3 });
    expect(second?.id).not.toBe(first?.id);
  });

  it("confirms a log's end with the leader of its epoch, and fails in another epoch", async () => {
    const topic = freshId('likestream.likes');
    await createTopic(topic, 1);
    const value = 'a record';
    await producer.send({ topic, acks: -1, messages: [{ partition: 0, value }] });
    const [broker = ''] = settings.KAFKA_BROKERS;
    const security = kafkaSecurity(settings);
    const quorum = new KafkaQuorum([broker], security);
    expect(await quorum.end(topic, 0)).toBe(1);
    const [life] = await topicIds(broker, [topic], security);
    expect(await quorum.topicIds([topic])).toEqual([life]);
    const later = logEndAt(broker, { topic, partition: 0, epoch: 1_000 }, security);
    await expect(later).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
  });
}

function describeCassandra(): void {
  describeRowStoreContract('Cassandra', async () => ({
    storeOf: (type) => new CassandraRowStore(session, type, 'dc1.1'),
    time,
    close,
  }));

  describeRowStoreOriginsContract('Cassandra', async () => ({
    storeOf: (type, origin) => new CassandraRowStore(session, type, origin),
    time,
    close,
  }));

  describeStatesContract('Cassandra', async () => ({
    states: new CassandraStates(session, types),
    time,
    close,
  }));

  describeHistoryContract('Cassandra', async () => ({
    historyOf: (type) => new CassandraHistory(session, type),
    runs: 30,
    time,
    close,
  }));

  describeFactsContract('Cassandra', async () => ({
    stores: [new CassandraFacts(session, freshId('a')), new CassandraFacts(session, freshId('b'))],
    close,
  }));

  describeDeletesByOperators(() => session);
}
