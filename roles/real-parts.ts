import type { Client } from 'cassandra-driver';
import type { Redis } from 'ioredis';
import type { Admin, Consumer, Kafka, Producer } from 'kafkajs';
import { CassandraStates } from '../dispatchers/cassandra-states';
import { KafkaPeers } from '../dispatchers/kafka-peers';
import { KafkaSource } from '../dispatchers/kafka-source';
import { RedisCache } from '../dispatchers/redis-cache';
import { RedisDirectory } from '../dispatchers/redis-directory';
import { CassandraLikeStore } from '../producers/cassandra-like-store';
import { DrainedLog } from '../producers/drained-log';
import { GenerationLog } from '../producers/generation-log';
import { KafkaLog } from '../producers/kafka-log';
import { openCassandra } from '../runtime/cassandra';
import { LimitedSession } from '../runtime/cassandra-session';
import { systemClock as clock, every, pause, type Timer } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { consumerOf, openKafka, producerOf } from '../runtime/kafka';
import { openRedis, whenReady } from '../runtime/redis';
import { updatesTopic } from '../schemas/broadcast';
import { LikestreamError } from '../schemas/errors';
import { likes } from '../schemas/likes';
import { originOf } from '../schemas/origins';
import { topicOf } from '../schemas/topics';
import { DrainRecords } from './drain-records';
import { DrainWatch } from './drain-watch';
import { type GenerationPlan, isFrozen, type KnownLog, planGeneration } from './generations';
import { knownLogs } from './known-logs';
import { LogLives } from './log-lives';
import type { Parts } from './parts';
import { ProcessBeats } from './process-beats';
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
  private readonly groupId: string;
  private readonly origin: string;
  private readonly drains: DrainRecords;
  private readonly drainWatch: DrainWatch;
  private readonly beats: ProcessBeats | undefined;
  private plan: GenerationPlan = { partitions: 0, peerTopics: [] };
  private logs: readonly KnownLog[] = [];
  private looks: Timer | undefined;

  constructor(private readonly around: Surroundings) {
    const { failed, log, settings } = around;
    this.origin = originOf(settings.DATACENTER, settings.LOG_GENERATION);
    this.groupId = `likestream-${this.origin}`;
    this.lives = new LogLives(this.origin, settings.KAFKA_BROKERS);
    this.kafka = openKafka(settings.KAFKA_BROKERS, log);
    this.admin = this.kafka.admin();
    this.producer = producerOf(this.kafka);
    this.consumer = consumerOf(this.kafka, this.groupId);
    this.cassandra = openCassandra({
      contactPoints: settings.CASSANDRA_CONTACT_POINTS,
      localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
    });
    this.session = new LimitedSession(this.cassandra, clock);
    this.redis = openRedis(settings.REDIS_URL);
    this.drains = new DrainRecords(this.cassandra, () => clock.now());
    const { drains: records, origin } = this;
    this.drainWatch = new DrainWatch({ origin, records, clock, failed });
    this.beats = this.buildBeats();
    for (const name of NAMES) around.away.add(name);
  }

  /** Waits for each server, sets it up, and looks after all from then on. */
  async comeThere(): Promise<void> {
    await Promise.all([
      this.until('kafka', () => this.admin.connect()),
      this.until('cassandra', () => this.setUpStore()),
      this.until('redis', () => whenReady(this.redis)),
    ]);
    await this.until('kafka', () => this.setUpLog());
    await this.until('kafka', () => this.lives.settle(this.cassandra, this.ownTopics));
    this.looks = every(clock, LOOK_MS, () => this.look());
  }

  parts(): Parts {
    const { admin, consumer, groupId, producer, redis, session } = this;
    const { failed, fatal, settings } = this.around;
    const topics = this.plan.peerTopics;
    const log = new GenerationLog(new KafkaLog({ producer, clock, fatal }), {
      number: settings.LOG_GENERATION,
      partitions: this.plan.partitions,
    });
    const windowMs = settings.DEDUPE_WINDOW_MS;
    const kafka = { consumer, admin, groupId, clock, failed };
    const source = new KafkaSource({
      ...{ ...kafka, fatal, topic: topicOf(likes.topic, settings.LOG_GENERATION) },
      membership: (isMember) => this.noteMembership(isMember),
      peers: topics.length > 0 ? new KafkaPeers({ ...kafka, topics, windowMs }) : undefined,
      check: () => this.lives.check(),
    });
    return {
      log,
      intake: new DrainedLog(log, () => this.drainWatch.isDraining),
      likes: new CassandraLikeStore(session, this.origin),
      states: new CassandraStates(session),
      directory: new RedisDirectory(redis),
      cache: new RedisCache(redis),
      source,
      lag: () => source.lag,
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    this.looks?.cancel();
    this.drainWatch.stop();
    await this.beats?.stop();
    this.session.close();
    const { admin, cassandra, producer } = this;
    await Promise.allSettled([producer.disconnect(), admin.disconnect(), cassandra.shutdown()]);
    this.redis.disconnect();
  }

  private get ownTopics(): string[] {
    const { LOG_GENERATION } = this.around.settings;
    return TOPICS.map((topic) => topicOf(topic, LOG_GENERATION));
  }

  /** A process that appends or counts is recorded before it does anything else. */
  private buildBeats(): ProcessBeats | undefined {
    const { failed, settings } = this.around;
    const roles = (settings.ROLE ?? []).filter((role) => role !== 'frontend');
    if (roles.length === 0) return undefined;
    const [id, role] = [systemEntropy.secretId(), roles.join()];
    const process = { datacenter: settings.DATACENTER, id, role, origin: this.origin };
    return new ProcessBeats(this.cassandra, process, clock, failed);
  }

  private async setUpStore(): Promise<void> {
    const { settings } = this.around;
    await this.cassandra.connect();
    await setUpTables(this.cassandra, settings.CASSANDRA_REPLICATION);
    await this.beats?.start();
    this.logs = await knownLogs(this.cassandra, this.drains);
    const { DATACENTER, LOG_GENERATION, PARTITIONS, PEER_DATACENTERS } = settings;
    this.plan = planGeneration(
      {
        ...{ datacenter: DATACENTER, generation: LOG_GENERATION },
        ...{ peers: PEER_DATACENTERS, partitions: PARTITIONS },
      },
      this.logs,
    );
    await this.drainWatch.start();
  }

  private async setUpLog(): Promise<void> {
    const { KAFKA_REPLICAS: replicas, LOG_GENERATION, PEER_DATACENTERS } = this.around.settings;
    const { partitions, peerTopics } = this.plan;
    const updates = updatesTopic(LOG_GENERATION);
    const between = PEER_DATACENTERS.length > 0 ? [updates, ...peerTopics] : [];
    const mine = this.logs.find(({ origin }) => origin === this.origin);
    const names = [...this.ownTopics, ...between];
    const closed = isFrozen(mine?.state) ? this.ownTopics : [];
    const warn = (line: string) => this.around.log.warn(line);
    await setUpTopics(this.admin, { names, partitions, replicas, closed }, warn);
    await this.producer.connect();
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

function isFinal(error: unknown): error is LikestreamError {
  return error instanceof LikestreamError && !error.retriable;
}
