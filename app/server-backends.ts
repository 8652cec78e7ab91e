import type { Client } from 'cassandra-driver';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { cassandraServers } from '../adapters/cassandra/access';
import { openCassandra } from '../adapters/cassandra/client';
import { explainFirstContact as explainCassandra } from '../adapters/cassandra/explain';
import { CassandraFacts } from '../adapters/cassandra/fact-store';
import { CassandraHistory } from '../adapters/cassandra/history';
import { CassandraRowStore } from '../adapters/cassandra/row-store';
import { LimitedSession } from '../adapters/cassandra/session';
import { setUpTables } from '../adapters/cassandra/set-up-tables';
import { CassandraStates } from '../adapters/cassandra/state-store';
import { KafkaLog } from '../adapters/kafka/append/event-log';
import { openKafka, producerOf } from '../adapters/kafka/client/client';
import { explainFirstContact as explainKafka } from '../adapters/kafka/client/explain';
import { type KafkaSecurity, kafkaSecurity } from '../adapters/kafka/client/security';
import { LogIdentity } from '../adapters/kafka/cluster/log-identity';
import { KafkaQuorum } from '../adapters/kafka/cluster/quorum';
import { requireRights } from '../adapters/kafka/topics/rights';
import { setUpMoments } from '../adapters/kafka/topics/set-up-moments';
import { setUpTopics } from '../adapters/kafka/topics/set-up-topics';
import { openRedis, type RedisClient } from '../adapters/redis/client';
import { evictionWarning } from '../adapters/redis/eviction';
import { checkRights } from '../adapters/redis/rights';
import { redisServersOf } from '../adapters/redis/servers';
import { NoRows } from '../adapters/shared/no-rows';
import { textsOf } from '../adapters/shared/tls-errors';
import { LiveWorkers } from '../dispatchers/workers/live-workers';
import { systemClock as clock, every, pause, type Timer } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { cassandraWarnings } from '../runtime/settings/cassandra';
import { kafkaWarnings } from '../runtime/settings/kafka';
import { redisWarnings } from '../runtime/settings/redis';
import { SlowLines } from '../runtime/slow-lines';
import { isFinal } from '../schemas/errors';
import type { Backends } from './backends';
import { kafkaMoments } from './kafka-moments';
import { KafkaSources } from './kafka-sources';
import { neededRights } from './needed-rights';
import { OwnGeneration } from './own-generation';
import type { ProcessContext } from './process-context';
import { redisBackends } from './redis-backends';

const RETRY_MS = 1_000;
const HEALTH_CHECK_MS = 2_000;
const MAX_WHY_CHARS = 300;

/**
 * Back ends on Kafka, Cassandra and Redis. Waits for servers that are unavailable, with a log line
 * for each try, and creates missing topics and tables. Rejects with `log_mismatch` if the log is
 * not the one with which this origin began; calls `fatal` if it is replaced later.
 */
export async function openServerBackends(context: ProcessContext): Promise<Backends> {
  const servers = new Servers(context);
  try {
    await servers.connect();
  } catch (error) {
    await servers.close();
    throw error;
  }
  return servers.backends();
}

const NAMES = ['kafka', 'cassandra', 'redis'] as const;
type PartName = (typeof NAMES)[number];

/** The clients of the servers, and which servers are unavailable. */
class Servers {
  private readonly lines = new SlowLines(clock);
  private readonly security: KafkaSecurity;
  private readonly kafka: Kafka;
  private readonly quorum: KafkaQuorum;
  private readonly admin: Admin;
  private readonly producer: Producer;
  private readonly cassandra: Client;
  private readonly session: LimitedSession;
  private readonly redis: RedisClient;
  private readonly identity: LogIdentity;
  private readonly generation: OwnGeneration;
  private readonly inRedis: ReturnType<typeof redisBackends>;
  private readonly workers: LiveWorkers;
  private healthChecks: Timer | undefined;

  constructor(private readonly context: ProcessContext) {
    const { failed, log, settings } = context;
    this.cassandra = openCassandra(cassandraServers(settings));
    this.generation = new OwnGeneration(this.cassandra, context);
    const { origin } = this.generation;
    const security = kafkaSecurity(settings);
    this.security = security;
    this.quorum = new KafkaQuorum(settings.KAFKA_BROKERS, security);
    this.identity = new LogIdentity(origin, settings.KAFKA_BROKERS, this.quorum, security);
    this.kafka = openKafka(settings.KAFKA_BROKERS, log, security, this.lines);
    this.admin = this.kafka.admin();
    this.producer = producerOf(this.kafka);
    this.session = new LimitedSession(this.cassandra, clock);
    this.redis = openRedis(redisServersOf(settings));
    this.inRedis = redisBackends(this.redis, context);
    const removesDead = settings.ROLE?.includes('dispatcher') ?? false;
    const { directory, leases } = this.inRedis;
    this.workers = new LiveWorkers({ directory, leases, clock, removesDead, failed });
    this.redis.onClosed(() => this.workers.interrupt());
    for (const name of NAMES) context.unavailable.add(name);
    const unwise = [kafkaWarnings, cassandraWarnings, redisWarnings].flatMap((of) => of(settings));
    for (const line of unwise) log.warn(line);
  }

  /** Waits for each server and sets it up, then checks the health of all regularly. */
  async connect(): Promise<void> {
    await Promise.all([
      this.retryUntilDone('kafka', () => this.admin.connect()),
      this.retryUntilDone('cassandra', () => this.setUpStore()),
      this.retryUntilDone('redis', () => this.setUpRedis()),
    ]);
    void this.warnOfEviction();
    await this.retryUntilDone('kafka', () => this.setUpLog());
    if (this.context.settings.ROLE?.some((role) => role !== 'producer')) this.workers.start();
    this.healthChecks = every(clock, HEALTH_CHECK_MS, () => this.checkHealth());
  }

  backends(): Backends {
    const { admin, context, generation, identity, kafka, producer, quorum, redis, session } = this;
    const { fatal, types } = context;
    const sources = new KafkaSources({ kafka, admin, quorum, identity, generation, context });
    return {
      ...generation.logsOn(new KafkaLog({ producer, clock, fatal })),
      rowsOf: (type) =>
        type.rows === 'none'
          ? new NoRows()
          : new CassandraRowStore(session, type, generation.origin),
      historyOf: ({ name }) => new CassandraHistory(session, name),
      sourceOf: (type) => sources.of(type),
      moments: kafkaMoments(context, kafka, producer),
      states: new CassandraStates(session, types),
      facts: new CassandraFacts(session, systemEntropy.secretId()),
      ...this.inRedis,
      workers: this.workers,
      onCacheReady: (listener) => redis.onReady(listener),
      lag: () => sources.lag,
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    this.healthChecks?.cancel();
    this.workers.close();
    await this.generation.stop();
    this.session.close();
    const { admin, cassandra, producer } = this;
    await Promise.allSettled([producer.disconnect(), admin.disconnect(), cassandra.shutdown()]);
    this.redis.close();
  }

  // Some managed servers refuse INFO; then the policy is unknown.
  private async warnOfEviction(): Promise<void> {
    const line = await evictionWarning(this.redis).catch(() => undefined);
    if (line) this.context.log.warn(line);
  }

  private async setUpRedis(): Promise<void> {
    await this.redis.whenReady();
    await checkRights(this.redis, this.context.names);
  }

  private async setUpStore(): Promise<void> {
    await this.cassandra.connect();
    const { names, settings, types } = this.context;
    const { CASSANDRA_REPLICATION: replication } = settings;
    await setUpTables(this.cassandra, { types, names, replication });
    await this.generation.start();
  }

  private async setUpLog(): Promise<void> {
    // While this process waited for Kafka, a drain may have closed the topics.
    await this.generation.readLogs();
    if (!this.generation.isInService) return;
    const warn = (line: string) => this.context.log.warn(line);
    await setUpTopics(this.admin, this.generation.topicPlan, warn);
    await setUpMoments(this.admin, this.generation.topicPlan, warn);
    const needed = neededRights(this.generation, this.context);
    await requireRights(this.context.settings.KAFKA_BROKERS, needed, this.security);
    await this.producer.connect();
    await this.identity.verify(this.cassandra, this.generation.topics);
  }

  private async retryUntilDone(part: PartName, task: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await task();
        this.context.unavailable.delete(part);
        return;
      } catch (error) {
        if (isFinal(error)) throw error;
        this.sayWaiting(part, error);
        await pause(clock, RETRY_MS);
      }
    }
  }

  /** One line, at once and then at a slow rate: what to set, if that is known, or what failed. */
  private sayWaiting(part: PartName, error: unknown): void {
    const { log } = this.context;
    const advice = adviceOf(part, error);
    const [why = ''] = String(error).slice(0, MAX_WHY_CHARS).split('\n');
    log.debug({ part, why }, `trying ${part} again`);
    if (!this.lines.isDue(advice ?? `${part} ${why}`)) return;
    if (advice === undefined) log.warn({ part, why }, `waiting for ${part}`);
    else log.warn({ part }, advice);
  }

  private async checkHealth(): Promise<void> {
    await this.checkRedis();
    this.setAvailability('cassandra', this.cassandra.getState().getConnectedHosts().length > 0);
    await this.generation.checkPeers();
    try {
      await this.identity.check();
      this.setAvailability('kafka', true);
    } catch (error) {
      this.setAvailability('kafka', false);
      if (isFinal(error)) this.context.fatal(error);
    }
  }

  // Its address, login or rights may have changed since the start: then the reason is said too.
  private async checkRedis(): Promise<void> {
    const { isReady } = this.redis;
    this.setAvailability('redis', isReady);
    if (!isReady) this.sayWaiting('redis', new Error(await this.redis.trouble()));
  }

  private setAvailability(part: PartName, isAvailable: boolean): void {
    const { unavailable, log } = this.context;
    if (isAvailable === !unavailable.has(part)) return;
    if (isAvailable) unavailable.delete(part);
    else unavailable.add(part);
    log.warn({ part }, isAvailable ? `${part} is available again` : `${part} is unavailable`);
  }
}

/** What an operator must change, if the error says that. */
function adviceOf(part: PartName, error: unknown): string | undefined {
  if (part === 'kafka') return explainKafka(textsOf(error));
  if (part === 'redis') return error instanceof Error ? error.message : undefined;
  return part === 'cassandra' ? explainCassandra(error) : undefined;
}
