import type { Client } from 'cassandra-driver';
import type { Redis } from 'ioredis';
import type { Admin, Consumer, Kafka, Producer } from 'kafkajs';
import { CassandraStates } from '../dispatchers/cassandra-states';
import { KafkaPeers } from '../dispatchers/kafka-peers';
import { KafkaSource } from '../dispatchers/kafka-source';
import { LiveWorkers } from '../dispatchers/live-workers';
import type { ConfirmEnd } from '../dispatchers/loss-looks';
import { RedisCache } from '../dispatchers/redis-cache';
import { RedisDirectory } from '../dispatchers/redis-directory';
import { RedisLeases } from '../dispatchers/redis-leases';
import { CassandraLikeStore } from '../producers/cassandra-like-store';
import { KafkaLog } from '../producers/kafka-log';
import { openCassandra } from '../runtime/cassandra';
import { LimitedSession } from '../runtime/cassandra-session';
import { systemClock as clock, every, pause, type Timer } from '../runtime/clock';
import { consumerOf, openKafka, producerOf } from '../runtime/kafka';
import { KafkaQuorum } from '../runtime/kafka-quorum';
import { evictionWarning, openRedis, whenReady } from '../runtime/redis';
import { DedupeWindow } from '../schemas/dedupe-window';
import { isFinal } from '../schemas/errors';
import { likes } from '../schemas/likes';
import { groupOf } from '../schemas/topics';
import { LogLives } from './log-lives';
import { OwnGeneration } from './own-generation';
import type { Parts } from './parts';
import { setUpTables, setUpTopics } from './set-up';
import type { Surroundings } from './surroundings';

const RETRY_MS = 1_000;
const LOOK_MS = 2_000;

/**
 * Kafka, Cassandra and Redis as the settings name them. Waits for each that is away, with a line in
 * the log, and sets up what is not there yet. Rejects with `log_mismatch` for a log that is not the
 * one that this origin began with; when it becomes another one later, `fatal` is told.
 */
export async function openRealParts(around: Surroundings): Promise<Parts> {
  const servers = new Servers(around);
  try {
    await servers.comeThere();
  } catch (error) {
    await servers.close();
    throw error;
  }
  return servers.parts();
}

const NAMES = ['kafka', 'cassandra', 'redis'] as const;
type PartName = (typeof NAMES)[number];

/** The clients of the servers, and which of those are away. */
class Servers {
  private readonly kafka: Kafka;
  private readonly admin: Admin;
  private readonly producer: Producer;
  private readonly consumer: Consumer;
  private readonly cassandra: Client;
  private readonly session: LimitedSession;
  private readonly redis: Redis;
  private readonly lives: LogLives;
  private readonly quorum: KafkaQuorum;
  private readonly groupId: string;
  private readonly generation: OwnGeneration;
  private readonly directory: RedisDirectory;
  private readonly leases: RedisLeases;
  private readonly workers: LiveWorkers;
  private looks: Timer | undefined;

  constructor(private readonly around: Surroundings) {
    const { failed, log, settings } = around;
    this.cassandra = openCassandra({
      contactPoints: settings.CASSANDRA_CONTACT_POINTS,
      localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
    });
    this.generation = new OwnGeneration(this.cassandra, around);
    const { origin } = this.generation;
    this.groupId = groupOf(origin);
    this.quorum = new KafkaQuorum(settings.KAFKA_BROKERS);
    this.lives = new LogLives(origin, settings.KAFKA_BROKERS, this.quorum);
    this.kafka = openKafka(settings.KAFKA_BROKERS, log);
    this.admin = this.kafka.admin();
    this.producer = producerOf(this.kafka);
    this.consumer = consumerOf(this.kafka, this.groupId);
    this.session = new LimitedSession(this.cassandra, clock);
    this.redis = openRedis(settings.REDIS_URL);
    this.directory = new RedisDirectory(this.redis);
    this.leases = new RedisLeases(this.redis);
    const removesDead = settings.ROLE?.includes('dispatcher') ?? false;
    const { directory, leases } = this;
    this.workers = new LiveWorkers({ directory, leases, clock, removesDead, failed });
    this.redis.on('close', () => this.workers.interrupt());
    for (const name of NAMES) around.away.add(name);
  }

  /** Waits for each server, sets it up, and looks after all from then on. */
  async comeThere(): Promise<void> {
    await Promise.all([
      this.until('kafka', () => this.admin.connect()),
      this.until('cassandra', () => this.setUpStore()),
      this.until('redis', () => whenReady(this.redis)),
    ]);
    void this.warnOfEviction();
    await this.until('kafka', () => this.setUpLog());
    if (this.around.settings.ROLE?.some((role) => role !== 'producer')) this.workers.start();
    this.looks = every(clock, LOOK_MS, () => this.look());
  }

  parts(): Parts {
    const { admin, consumer, groupId, producer, redis, session } = this;
    const { failed, fatal, settings } = this.around;
    const topics = this.generation.peerTopics;
    const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
    const warn = (line: string) => this.around.log.warn(line);
    const confirmEnd: ConfirmEnd = (topic, partition) => this.quorum.end(topic, partition);
    const kafka = { consumer, admin, groupId, clock, failed, confirmEnd };
    const source = new KafkaSource({
      ...{ ...kafka, fatal, topic: this.generation.topicOf(likes.topic) },
      membership: (isMember) => this.noteMembership(isMember),
      peers: topics.length > 0 ? new KafkaPeers({ ...kafka, topics, dedupe, warn }) : undefined,
      check: () => this.lives.check(),
    });
    const { directory, leases } = this;
    return {
      ...this.generation.logsOn(new KafkaLog({ producer, clock, fatal })),
      likes: new CassandraLikeStore(session, this.generation.origin),
      states: new CassandraStates(session),
      ...{ directory, leases, workers: this.workers },
      onCacheReady: (listener) => redis.on('ready', listener),
      cache: new RedisCache(redis),
      source,
      lag: () => source.lag,
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    this.looks?.cancel();
    this.workers.close();
    await this.generation.stop();
    this.session.close();
    const { admin, cassandra, producer } = this;
    await Promise.allSettled([producer.disconnect(), admin.disconnect(), cassandra.shutdown()]);
    this.redis.disconnect();
  }

  // Some managed servers refuse INFO; then there is nothing to say.
  private async warnOfEviction(): Promise<void> {
    const line = await evictionWarning(this.redis).catch(() => undefined);
    if (line) this.around.log.warn(line);
  }

  private async setUpStore(): Promise<void> {
    await this.cassandra.connect();
    await setUpTables(this.cassandra, this.around.settings.CASSANDRA_REPLICATION);
    await this.generation.start();
  }

  private async setUpLog(): Promise<void> {
    // While this process waited for Kafka, a drain may have closed the topics.
    await this.generation.readLogs();
    if (!this.generation.isInService) return;
    const warn = (line: string) => this.around.log.warn(line);
    await setUpTopics(this.admin, this.generation.topicPlan, warn);
    await this.producer.connect();
    await this.lives.settle(this.cassandra, this.generation.topics);
  }

  private async until(part: PartName, task: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await task();
        this.around.away.delete(part);
        return;
      } catch (error) {
        if (isFinal(error)) throw error;
        const why = String(error).slice(0, 200);
        this.around.log.warn({ part, why }, `waiting for ${part}`);
        await pause(clock, RETRY_MS);
      }
    }
  }

  private async look(): Promise<void> {
    this.note('redis', this.redis.status === 'ready');
    this.note('cassandra', this.cassandra.getState().getConnectedHosts().length > 0);
    await this.generation.look();
    try {
      await this.lives.check();
      this.note('kafka', true);
    } catch (error) {
      this.note('kafka', false);
      if (isFinal(error)) this.around.fatal(error);
    }
  }

  /** A process that reads the log is ready only as a member of the consumer group. */
  private noteMembership(isMember: boolean): void {
    const { away, log } = this.around;
    if (isMember) away.delete('group');
    else away.add('group');
    log.info({ isMember }, 'membership of the consumer group changed');
  }

  private note(part: PartName, isThere: boolean): void {
    const { away, log } = this.around;
    if (isThere === !away.has(part)) return;
    if (isThere) away.delete(part);
    else away.add(part);
    log.warn({ part }, isThere ? `${part} is back` : `${part} is away`);
  }
}
