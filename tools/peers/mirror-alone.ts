import { setTimeout as pause } from 'node:timers/promises';
import { consumerOf, openKafka, producerOf } from '../../adapters/kafka/client/client';
import { openLog } from '../../runtime/log-lines';
import { PARTITIONS } from '../../schemas/partitions';
import type { PeerSites } from '../../test/stack/peer-sites';
import { Histogram, type Quantiles } from '../load/histogram';

/** A mirrored topic besides those of likestream, to measure MirrorMaker without it. */
export const BARE_TOPIC = 'bare';

const BARE_RATE = 100;
const FIRST_MS = 60_000;
const FIRST_EVERY_MS = 200;
const US_PER_MS = 1_000;

/** The latency of a record from the first datacenter's Kafka to a consumer in the second, ms. */
export async function mirrorAlone(peers: PeerSites, seconds: number): Promise<Quantiles> {
  const [from = '', to = ''] = peers.names;
  const log = openLog('silent', 'peers');
  const here = openKafka([peers.datacenters.addresses(from).kafka], log);
  const there = openKafka([peers.datacenters.addresses(to).kafka], log);
  const mirrored = `${from}.${BARE_TOPIC}`;
  await makeTopic(here, BARE_TOPIC);
  await makeTopic(there, mirrored);
  const [producer, consumer] = [producerOf(here), consumerOf(there, `${BARE_TOPIC}-readers`)];
  const taken = new Histogram();
  let seen = 0;
  const send = (number: number, counts: boolean): Promise<unknown> => {
    const value = JSON.stringify({ began: performance.now(), counts, filler: 'x'.repeat(200) });
    const messages = [{ partition: number % PARTITIONS, key: BARE_TOPIC, value }];
    return producer.send({ topic: BARE_TOPIC, acks: -1, messages });
  };
  try {
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topics: [mirrored], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen += 1;
        const { began, counts } = JSON.parse(String(message.value));
        if (counts) taken.record((performance.now() - began) * US_PER_MS);
      },
    });
    const giveUpAt = performance.now() + FIRST_MS;
    for (let number = 0; seen < PARTITIONS && performance.now() < giveUpAt; number++) {
      await send(number, false);
      await pause(FIRST_EVERY_MS);
    }
    for (let number = 0; number < BARE_RATE * seconds; number++) {
      void send(number, true).catch(() => undefined);
      await pause(1_000 / BARE_RATE);
    }
    await pause(1_000);
  } finally {
    await Promise.all([producer.disconnect(), consumer.disconnect()]);
  }
  return taken.quantiles(1 / US_PER_MS);
}

async function makeTopic(kafka: ReturnType<typeof openKafka>, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });
  await admin.disconnect();
}
