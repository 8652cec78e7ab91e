import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, type Consumer, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { Datacenters } from '../../compose/native/datacenters';
import { Names, updatesOf } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';
import { eventually } from '../end-to-end/api';

const START_MS = 300_000;
const MIRROR_MS = 60_000;
const NAMES = ['dc1', 'dc2'] as const;

const topicNames = new Names();
const LOG_TOPIC = topicNames.topic('likes', 1);
const UPDATES_TOPICS = [
  topicNames.topic(updatesOf('likes'), 1),
  topicNames.topic(updatesOf('poll-votes'), 1),
] as const;

const folder = mkdtempSync(join(tmpdir(), 'likestream-datacenters-'));
const datacenters = new Datacenters({ folder, names: NAMES });
const sites: Site[] = [];

/** One datacenter's Kafka, with all records of its mirrored topics. */
interface Site {
  readonly admin: Admin;
  readonly producer: Producer;
  readonly consumer: Consumer;
  readonly came: { partition: number; key: string; value: string }[];
}

async function openSite(name: string, peer: string): Promise<Site> {
  const brokers = [datacenters.addresses(name).kafka];
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const createPartitioner = Partitioners.DefaultPartitioner;
  const site: Site = {
    admin: kafka.admin(),
    producer: kafka.producer({ createPartitioner }),
    consumer: kafka.consumer({ groupId: 'test' }),
    came: [],
  };
  await Promise.all([site.admin.connect(), site.producer.connect(), site.consumer.connect()]);
  const mirrored = UPDATES_TOPICS.map((topic) => topicNames.mirrored(peer, topic));
  const topics = [LOG_TOPIC, ...UPDATES_TOPICS, ...mirrored];
  await site.admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    waitForLeaders: true,
  });
  await site.consumer.subscribe({ topics: mirrored, fromBeginning: true });
  await site.consumer.run({
    eachMessage: async ({ message, partition }) => {
      site.came.push({ partition, key: String(message.key), value: String(message.value) });
    },
  });
  return site;
}

function send({ producer }: Site, topic: string, value: string): Promise<unknown> {
  return producer.send({ topic, messages: [{ partition: 5, key: 'video:1', value }] });
}

beforeAll(async () => {
  await datacenters.start();
  sites.push(await openSite('dc1', 'dc2'), await openSite('dc2', 'dc1'));
}, START_MS);

afterAll(async () => {
  for (const { admin, consumer, producer } of sites) {
    await Promise.all([admin.disconnect(), consumer.disconnect(), producer.disconnect()]);
  }
  await datacenters.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

describe('two datacenters', () => {
  test('share only Cassandra', () => {
    const [here, there] = NAMES.map((name) => datacenters.addresses(name));
    expect(there?.cassandra).toBe(here?.cassandra);
    expect(there?.kafka).not.toBe(here?.kafka);
    expect(there?.redis).not.toBe(here?.redis);
    expect(datacenters.peersOf('dc2')).toEqual({ DATACENTER: 'dc2', PEER_DATACENTERS: 'dc1' });
  });

  test(
    'have the updates of each type mirrored unchanged, in both directions, and no log',
    async () => {
      for (const [at, site] of sites.entries()) {
        await send(site, LOG_TOPIC, `like ${at}`);
        for (const topic of UPDATES_TOPICS) await send(site, topic, `${topic} of ${at}`);
      }
      await eventually(() => {
        for (const [at, { came }] of sites.entries()) {
          const values = UPDATES_TOPICS.map((topic) => `${topic} of ${1 - at}`);
          expect(came).toHaveLength(values.length);
          expect(came).toEqual(
            expect.arrayContaining(
              values.map((value) => ({ partition: 5, key: 'video:1', value })),
            ),
          );
        }
      }, MIRROR_MS);
      for (const { admin } of sites) {
        expect(
          (await admin.listTopics()).filter((topic) => topic.endsWith(`.${LOG_TOPIC}`)),
        ).toEqual([]);
      }
    },
    MIRROR_MS * 2,
  );

  test(
    'catch up after the link was cut',
    async () => {
      await datacenters.mirror.kill();
      for (const site of sites) await send(site, UPDATES_TOPICS[0], 'while it was cut');
      await datacenters.link();
      await eventually(() => {
        for (const { came } of sites) {
          expect(came.map(({ value }) => value)).toContain('while it was cut');
        }
      }, MIRROR_MS);
    },
    MIRROR_MS * 2,
  );
});
