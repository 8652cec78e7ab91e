import { Client } from 'cassandra-driver';
import { Redis } from 'ioredis';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { type Addresses, CASSANDRA_DATACENTER } from '../../compose/native/addresses';

const TOPIC = 'kept';
const KEYSPACE = 'kept';
const KEY = 'kept';

/** Writes a text to a part, and reads it. */
export interface Memory {
  write(addresses: Addresses, value: string): Promise<void>;
  read(addresses: Addresses): Promise<string | undefined>;
}

/** By part, its own client, with a connection for each call. */
export const MEMORIES: Readonly<Record<keyof Addresses, Memory>> = {
  kafka: { write: produce, read: consume },
  cassandra: { write: insert, read: select },
  redis: { write: set, read: get },
};

function kafka({ kafka: broker }: Addresses): Kafka {
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
}

async function produce(addresses: Addresses, value: string): Promise<void> {
  const admin = kafka(addresses).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafka(addresses).producer({ createPartitioner });
  await producer.connect();
  await producer.send({ topic: TOPIC, messages: [{ value }] });
  await producer.disconnect();
}

async function consume(addresses: Addresses): Promise<string | undefined> {
  const consumer = kafka(addresses).consumer({ groupId: `reader-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const value = await new Promise<string | undefined>((resolve, reject) => {
    consumer
      .run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) })
      .catch(reject);
  });
  await consumer.disconnect();
  return value;
}

function cassandra({ cassandra: contactPoint }: Addresses): Client {
  return new Client({ contactPoints: [contactPoint], localDataCenter: CASSANDRA_DATACENTER });
}

async function insert(addresses: Addresses, value: string): Promise<void> {
  const client = cassandra(addresses);
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
  await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`);
  await client.execute(`CREATE TABLE ${KEYSPACE}.values (id text PRIMARY KEY, value text)`);
  const query = `INSERT INTO ${KEYSPACE}.values (id, value) VALUES (?, ?)`;
  await client.execute(query, [KEY, value], { prepare: true });
  await client.shutdown();
}

async function select(addresses: Addresses): Promise<string | undefined> {
  const client = cassandra(addresses);
  const { rows } = await client.execute(`SELECT value FROM ${KEYSPACE}.values WHERE id = ?`, [KEY]);
  await client.shutdown();
  return rows[0]?.get('value');
}

async function set({ redis: url }: Addresses, value: string): Promise<void> {
  const redis = new Redis(url);
  await redis.set(KEY, value);
  redis.disconnect();
}

async function get({ redis: url }: Addresses): Promise<string | undefined> {
  const redis = new Redis(url);
  const value = await redis.get(KEY);
  redis.disconnect();
  return value ?? undefined;
}
