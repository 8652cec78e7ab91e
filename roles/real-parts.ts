import { CassandraStates } from '../dispatchers/cassandra-states';
import { KafkaSource } from '../dispatchers/kafka-source';
import { RedisCache } from '../dispatchers/redis-cache';
import { RedisDirectory } from '../dispatchers/redis-directory';
import { CassandraLikeStore } from '../producers/cassandra-like-store';
import { KafkaLog } from '../producers/kafka-log';
import { openCassandra } from '../runtime/cassandra';
import { systemClock as clock, every, pause } from '../runtime/clock';
import { consumerOf, openKafka, producerOf } from '../runtime/kafka';
import { openRedis, whenReady } from '../runtime/redis';
import { LikestreamError } from '../schemas/errors';
import { likes } from '../schemas/likes';
import { LogLives } from './log-lives';
import type { Parts } from './parts';
import { setUpTables, setUpTopics, TOPICS } from './set-up';
import type { Surroundings } from './surroundings';

const RETRY_MS = 1_000;
const LOOK_MS = 2_000;

/**
 * Kafka, Cassandra and Redis as the settings name them. Waits for each that is away, with a line in
 * the log, and sets up what is not there yet. Rejects with `log_mismatch` for a log that is not the
 * one that this origin began with; when it becomes another one later, `fatal` is told.
 */
export async function openRealParts(around: Surroundings): Promise<Parts> {
  const { failed, fatal, log, settings } = around;
  const origin = `${settings.DATACENTER}.${settings.LOG_GENERATION}`;
  const away = new Set(['kafka', 'cassandra', 'redis']);
  const lives = new LogLives(origin, settings.KAFKA_BROKERS);
  const kafka = openKafka(settings.KAFKA_BROKERS, log);
  const admin = kafka.admin();
  const producer = producerOf(kafka);
  const groupId = `likestream-${origin}`;
  const consumer = consumerOf(kafka, groupId);
  const cassandra = openCassandra({
    contactPoints: settings.CASSANDRA_CONTACT_POINTS,
    localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
  });
  const redis = openRedis(settings.REDIS_URL);
  const close = async (): Promise<void> => {
    await Promise.allSettled([producer.disconnect(), admin.disconnect(), cassandra.shutdown()]);
    redis.disconnect();
  };
  const until = async (part: string, task: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await task();
        away.delete(part);
        return;
      } catch (error) {
        if (isFinal(error)) throw error;
        log.warn({ part, why: String(error).slice(0, 200) }, `waiting for ${part}`);
        await pause(clock, RETRY_MS);
      }
    }
  };
  const comeThere = async (): Promise<void> => {
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
    await until('kafka', () => lives.settle(cassandra, TOPICS));
  };
  const look = async (): Promise<void> => {
    const isThere = { kafka: true, cassandra: false, redis: redis.status === 'ready' };
    isThere.cassandra = cassandra.getState().getConnectedHosts().length > 0;
    await lives.check().catch((error: unknown) => {
      isThere.kafka = false;
      if (isFinal(error)) fatal(error);
    });
    for (const [part, is] of Object.entries(isThere)) {
      if (is) away.delete(part);
      else away.add(part);
    }
  };
  await comeThere().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const looks = every(clock, LOOK_MS, look);
  const source = new KafkaSource({
    ...{ consumer, admin, groupId, topic: likes.topic, clock, failed },
    check: () => lives.check(),
  });
  return {
    log: new KafkaLog(producer),
    likes: new CassandraLikeStore(cassandra),
    states: new CassandraStates(cassandra),
    directory: new RedisDirectory(redis),
    cache: new RedisCache(redis),
    source,
    lag: () => source.lag,
    missing: () => [...away],
    async close() {
      looks.cancel();
      await close();
    },
  };
}

function isFinal(error: unknown): error is LikestreamError {
  return error instanceof LikestreamError && !error.retriable;
}
