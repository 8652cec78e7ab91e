import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { types } from 'cassandra-driver';
import { openCassandra } from '../../adapters/cassandra/client';
import { SHARDS } from '../../adapters/cassandra/shards';
import { createTable, tableOf, tablesOf } from '../../adapters/cassandra/tables';
import { consumerOf, openKafka, producerOf } from '../../adapters/kafka/client/client';
import { openLog } from '../../runtime/log-lines';
import { readSettings } from '../../runtime/settings/settings';
import { likes } from '../../schemas/likes';
import { PARTITIONS } from '../../schemas/partitions';
import { Histogram, type Quantiles } from './histogram';

const WARM_UP_MS = 2_000;
const US_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;
const ROW = 'WHERE channel = ? AND shard = ? AND id = ?';
const INSERT = `UPDATE ${tableOf(likes)} SET copies[?] = ? ${ROW}`;

/** Latencies of the drivers without likestream, ms: the lower limit of its own figures. */
export interface Bare {
  /** A produce with all acks. */
  readonly logged: Quantiles;
  /** The insert after it. */
  readonly stored: Quantiles;
  /** From before the produce until a consumer reads the record. */
  readonly consumed: Quantiles;
}

/** Produces, inserts and consumes `rate` likes a second on the servers of the settings. */
export async function bare(rate: number, seconds: number): Promise<Bare> {
  const settings = readSettings(process.env);
  const name = `bare_${randomBytes(6).toString('hex')}`;
  const kafka = openKafka(settings.KAFKA_BROKERS, openLog('silent', 'load'));
  const [admin, producer, consumer] = [kafka.admin(), producerOf(kafka), consumerOf(kafka, name)];
  const cassandra = openCassandra({
    contactPoints: settings.CASSANDRA_CONTACT_POINTS,
    localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
  });
  const [logged, stored, consumed] = [new Histogram(), new Histogram(), new Histogram()];
  const since = (began: number): number => (performance.now() - began) * US_PER_MS;
  let isWarm = false;
  const like = async (number: number): Promise<void> => {
    const began = performance.now();
    const value = JSON.stringify({ began, isWarm, filler: 'x'.repeat(150) });
    const message = { partition: number % PARTITIONS, key: 'bare', value };
    await producer.send({ topic: name, acks: -1, messages: [message] });
    if (isWarm) logged.record(since(began));
    const inserting = performance.now();
    const key = ['bare', number % SHARDS, `${number}`];
    const copy = new types.Tuple(number, 'ann', Date.now(), 'like');
    const row = ['dc1.1', copy, ...key];
    await cassandra.execute(INSERT, row, { prepare: true });
    if (isWarm) stored.record(since(inserting));
  };
  try {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: name, numPartitions: PARTITIONS }] });
    await Promise.all([producer.connect(), consumer.connect(), cassandra.connect()]);
    const replication = `{'class': 'NetworkTopologyStrategy', ${settings.CASSANDRA_REPLICATION}}`;
    await cassandra.execute(`CREATE KEYSPACE ${name} WITH replication = ${replication}`);
    await cassandra.execute(`USE ${name}`);
    for (const table of tablesOf([likes])) {
      if (table.type === likes.name) await cassandra.execute(createTable(table));
    }
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const { began, isWarm: counts } = JSON.parse(String(message.value));
        if (counts) consumed.record(since(began));
      },
    });
    await paced(rate, WARM_UP_MS, like);
    isWarm = true;
    await paced(rate, seconds * MS_PER_SECOND, like);
  } finally {
    await consumer.disconnect();
    await admin.deleteTopics({ topics: [name] }).catch(() => undefined);
    await cassandra.execute(`DROP KEYSPACE IF EXISTS ${name}`).catch(() => undefined);
    await Promise.all([producer.disconnect(), admin.disconnect(), cassandra.shutdown()]);
  }
  const inMs = (histogram: Histogram): Quantiles => histogram.quantiles(1 / US_PER_MS);
  return { logged: inMs(logged), stored: inMs(stored), consumed: inMs(consumed) };
}

/** Starts `task` at a fixed rate, also while earlier ones run; resolves when all have ended. */
async function paced(
  rate: number,
  ms: number,
  task: (number: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const tasks: Promise<void>[] = [];
  for (let number = 0; performance.now() - began < ms; number++) {
    tasks.push(task(number));
    const due = began + ((number + 1) * MS_PER_SECOND) / rate;
    await pause(Math.max(0, due - performance.now()));
  }
  await Promise.all(tasks);
}

// bare-process.ts forks this file, so that it does not share a thread with the load.
if (require.main === module) {
  const [rate, seconds] = process.argv.slice(2).map(Number);
  bare(rate ?? 0, seconds ?? 0).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`bare: ${error}\n`);
      process.exitCode = 1;
    },
  );
}
