import { CassandraStates } from '../dispatchers/cassandra-states';
import { KafkaSource } from '../dispatchers/kafka-source';
import { RedisCache } from '../dispatchers/redis-cache';
import { RedisDirectory } from '../dispatchers/redis-directory';
import { CassandraLikeStore } from '../producers/cassandra-like-store';
import { KafkaLog } from '../producers/kafka-log';
import { openCassandra } from '../runtime/cassandra';
import { systemClock as clock, pause } from '../runtime/clock';
import { consumerOf, openKafka, producerOf } from '../runtime/kafka';
import type { Logger } from '../runtime/log-lines';
import { openRedis, whenReady } from '../runtime/redis';
import type { Settings } from '../runtime/settings';
import { likes } from '../schemas/likes';
import type { Parts } from './parts';
import { setUpTables, setUpTopics } from './set-up';

const RETRY_MS = 1_000;

/**
 * Kafka, Cassandra and Redis as the settings name them. Waits for each that is away, with a line in
 * the log, and sets up what is not there yet.
 */
export async function openRealParts(
  settings: Settings,
  log: Logger,
  failed: (doing: string, error: unknown) => void,
): Promise<Parts> {
  const away = new Set(['kafka', 'cassandra', 'redis']);
  const kafka = openKafka(settings.KAFKA_BROKERS, log);
  const admin = kafka.admin();
  const producer = producerOf(kafka);
  const groupId = `likestream-${settings.DATACENTER}`;
  const consumer = consumerOf(kafka, groupId);
  const cassandra = openCassandra({
    contactPoints: settings.CASSANDRA_CONTACT_POINTS,
    localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
  });
  const redis = openRedis(settings.REDIS_URL);
  const until = async (part: string, task: () => Promise<unknown>): Promise<void> => {
    while (
      !(await succeeds(task, (error) =>
        log.warn({ part, why: String(error).slice(0, 200) }, `waiting for ${part}`),
      ))
    ) {
      await pause(clock, RETRY_MS);
    }
    away.delete(part);
  };
  await Promise.all([
    until('kafka', async () => {
      await admin.connect();
      await setUpTopics(admin, settings.KAFKA_REPLICAS);
      await producer.connect();
    }),
    until('cassandra', async () => {
      await cassandra.connect();
      await setUpTables(cassandra, settings.CASSANDRA_REPLICATION);
    }),
    until('redis', () => whenReady(redis)),
  ]);
  return {
    log: new KafkaLog(producer),
    likes: new CassandraLikeStore(cassandra),
    states: new CassandraStates(cassandra),
    directory: new RedisDirectory(redis),
    cache: new RedisCache(redis),
    source: new KafkaSource({ consumer, admin, groupId, topic: likes.topic, clock, failed }),
    missing: () => [...away],
    async close() {
      await Promise.allSettled([producer.disconnect(), admin.disconnect(), cassandra.shutdown()]);
      redis.disconnect();
    },
  };
}

async function succeeds(
  task: () => Promise<unknown>,
  failed: (error: unknown) => void,
): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}
