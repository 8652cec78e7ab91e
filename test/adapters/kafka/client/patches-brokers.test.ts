import { Kafka, logLevel, type Producer } from 'kafkajs';
import { openKafka, producerOf } from '../../../../adapters/kafka/client/client';
import { openLog } from '../../../../runtime/log-lines';
import { eventually } from '../../../end-to-end/api';
import { ScriptedBroker, TOPIC } from '../scripted-broker';

const REQUEST_MS = 300;

const brokers: ScriptedBroker[] = [];
const clients: { disconnect(): Promise<void> }[] = [];

async function aBroker(): Promise<ScriptedBroker> {
  const broker = await new ScriptedBroker().start();
  brokers.push(broker);
  return broker;
}

function at(broker: ScriptedBroker): string {
  return `127.0.0.1:${broker.port}`;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.disconnect()));
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
});

test('positions are loaded after all brokers got other addresses', async () => {
  const [seed, before, after] = [await aBroker(), await aBroker(), await aBroker()];
  const viewOf = ({ port }: ScriptedBroker) => ({
    brokers: [{ id: 1, port }],
    leaders: [1],
    coordinator: 1,
  });
  seed.view = viewOf(before);
  before.view = viewOf(before);
  after.view = viewOf(after);
  const admin = openKafka([at(seed)], openLog('silent', 'test')).admin();
  clients.push(admin);
  await admin.connect();
  const load = () => admin.fetchOffsets({ groupId: 'counters', topics: [TOPIC] });
  const saved = [{ topic: TOPIC, partitions: [{ partition: 0, offset: '7', metadata: null }] }];
  await expect(load()).resolves.toEqual(saved);
  seed.view = viewOf(after);
  seed.dropConnections();
  await before.stop();
  await eventually(async () => expect(await load()).toEqual(saved));
});

/** A producer that gives a broker `REQUEST_MS` to answer. */
async function aProducer(seed: ScriptedBroker): Promise<Producer> {
  const kafka = new Kafka({
    brokers: [at(seed)],
    requestTimeout: REQUEST_MS,
    retry: { retries: 3, initialRetryTime: 20, maxRetryTime: 50 },
    logLevel: logLevel.NOTHING,
  });
  const producer = producerOf(kafka);
  clients.push(producer);
  await producer.connect();
  return producer;
}

test('an append reaches the new leader if the old one falls silent without a close', async () => {
  const [first, second] = [await aBroker(), await aBroker()];
  const all = [first, second].map(({ port }, id) => ({ id, port }));
  first.view = { brokers: all, leaders: [0, 1] };
  second.view = { brokers: all, leaders: [0, 1] };
  const producer = await aProducer(second);
  const append = (partition: number) =>
    producer.send({ topic: TOPIC, messages: [{ partition, value: 'a' }] });
  await append(0);
  await append(1);
  expect([first.produced, second.produced]).toEqual([1, 1]);
  first.isSilent = true;
  second.view = { brokers: all, leaders: [1, 1] };
  await append(0);
  expect([first.produced, second.produced]).toEqual([1, 2]);
});
