import type { Client } from 'cassandra-driver';
import { DrainRecords } from '../adapters/cassandra/drain-records';
import type { KnownLog } from '../adapters/cassandra/known-logs';
import { knownLogs } from '../adapters/cassandra/known-logs';
import { ProcessBeats } from '../adapters/cassandra/process-beats';
import type { EventLog } from '../adapters/event-log';
import type { TopicPlan } from '../adapters/kafka/topics/set-up-topics';
import type { PartitionLog } from '../adapters/partition-log';
import { GenerationLog } from '../adapters/shared/generation-log';
import { DrainedLog } from '../producers/drained-log';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import type { Settings } from '../runtime/settings/settings';
import { updatesOf } from '../schemas/names';
import { originOf } from '../schemas/origins';
import { DrainWatch } from './drain-watch';
import { type GenerationPlan, isFrozen, mirroredUpdates, planGeneration } from './generations';
import { momentTopics } from './moment-topics';
import { PeerWatch } from './peer-watch';
import type { ProcessContext } from './process-context';

type Around = Pick<ProcessContext, 'failed' | 'log' | 'names' | 'settings' | 'types'>;

/** The log generation that this process serves: its topics, and whether it is in service. */
export class OwnGeneration {
  readonly origin: string;
  private readonly drains: DrainRecords;
  private readonly drainWatch: DrainWatch;
  private readonly peerWatch: PeerWatch;
  private readonly beats: ProcessBeats | undefined;
  private plan: GenerationPlan = { partitions: 0, isInService: false, peers: [] };
  private logs: readonly KnownLog[] = [];

  constructor(
    private readonly client: Client,
    private readonly context: Around,
  ) {
    const { failed, log, settings } = context;
    this.origin = originOf(settings.DATACENTER, settings.LOG_GENERATION);
    const records = new DrainRecords(client, () => clock.now());
    this.drains = records;
    this.drainWatch = new DrainWatch({ origin: this.origin, records, clock, failed });
    this.peerWatch = new PeerWatch({
      peers: settings.ROLE?.includes('dispatcher') ? settings.PEER_DATACENTERS : [],
      read: () => this.plan.peers,
      logs: () => knownLogs(client, records),
      warn: (line) => log.warn(line),
    });
    this.beats = beatsOf(this.origin, client, context);
  }

  /**
   * Reads the recorded logs. Rejects with `log_mismatch` if this process must not serve its log;
   * may be called again after any other error.
   */
  async start(): Promise<void> {
    // Recorded first, so that a drain finds every process that appends or counts.
    await this.beats?.start();
    await this.readLogs();
    // Only producers refuse entries during a drain.
    if (this.context.settings.ROLE?.includes('producer')) await this.drainWatch.start();
  }

  /** Reads the recorded logs again, as `start` does: a drain or a recount may have begun. */
  async readLogs(): Promise<void> {
    this.logs = await knownLogs(this.client, this.drains);
    this.plan = planGeneration(wantedBy(this.context.settings), this.logs);
  }

  /** Whether this process may set the log up; false only if it has viewers and no other role. */
  get isInService(): boolean {
    return this.plan.isInService;
  }

  /** The topics of the log itself, one an event type. */
  get topics(): string[] {
    return this.context.types.logged.map(({ name }) => this.topicOf(name));
  }

  /** The mirrored topics with an event type's updates of other datacenters. */
  peerTopicsOf(type: string): string[] {
    return this.plan.peers.map((origin) => mirroredUpdates(this.context.names, origin, type));
  }

  /** All topics that this process needs. */
  get topicPlan(): TopicPlan {
    const { settings, types } = this.context;
    const mine = this.logs.find(({ origin }) => origin === this.origin);
    const hasPeers = settings.PEER_DATACENTERS.length > 0;
    const updates = hasPeers ? types.logged.map(({ name }) => this.topicOf(updatesOf(name))) : [];
    const mirrored = types.logged.flatMap(({ name }) => this.peerTopicsOf(name));
    return {
      names: [...this.topics, ...updates, ...mirrored],
      mirrored,
      partitions: this.plan.partitions,
      replicas: settings.KAFKA_REPLICAS,
      closed: isFrozen(mine?.state) ? this.topics : [],
      moments: this.moments,
    };
  }

  /** The topics of moments: dispatchers read those of peers, too. */
  private get moments(): string[] {
    const { settings } = this.context;
    const topics = momentTopics(this.context);
    if (!topics) return [];
    if (settings.ROLE?.includes('dispatcher')) return [topics.own, ...topics.peers.keys()];
    return topics.hasMoments && settings.ROLE?.includes('producer') ? [topics.own] : [];
  }

  /** The topic of a log in this generation; the log is an event type's, or `updatesOf` it. */
  topicOf(log: string): string {
    const { names, settings } = this.context;
    return names.topic(log, settings.LOG_GENERATION);
  }

  /** The logs for owners and for producers, on Kafka's log. */
  logsOn(log: PartitionLog): { readonly log: EventLog; readonly intake: EventLog } {
    const { names, settings } = this.context;
    const generation = { number: settings.LOG_GENERATION, partitions: this.plan.partitions };
    const own = new GenerationLog(log, generation, names);
    return { log: own, intake: new DrainedLog(own, () => this.drainWatch.isDraining) };
  }

  /** Warns if peers have begun logs whose updates this process does not read. */
  async checkPeers(): Promise<void> {
    await this.peerWatch
      .check()
      .catch((error: unknown) => this.context.failed('check peer logs', error));
  }

  async stop(): Promise<void> {
    this.drainWatch.stop();
    await this.beats?.stop();
  }
}

function wantedBy(settings: Settings) {
  const { DATACENTER, LOG_GENERATION, PARTITIONS, PEER_DATACENTERS } = settings;
  const log = { datacenter: DATACENTER, generation: LOG_GENERATION };
  const serves = servingRoles(settings).length > 0;
  return { ...log, serves, peers: PEER_DATACENTERS, partitions: PARTITIONS };
}

function servingRoles({ ROLE = [] }: Settings) {
  return ROLE.filter((role) => role !== 'frontend');
}

function beatsOf(origin: string, client: Client, { failed, settings }: Around) {
  const roles = servingRoles(settings);
  if (roles.length === 0) return undefined;
  const [id, role] = [systemEntropy.secretId(), roles.join()];
  const process = { datacenter: settings.DATACENTER, id, role, origin };
  return new ProcessBeats(client, process, clock, failed);
}
