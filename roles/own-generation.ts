import type { Client } from 'cassandra-driver';
import { DrainedLog } from '../producers/drained-log';
import { GenerationLog } from '../producers/generation-log';
import type { Log, PartitionLog } from '../producers/log';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import type { Settings } from '../runtime/settings';
import { updatesTopic } from '../schemas/broadcast';
import { originOf } from '../schemas/origins';
import { topicOf } from '../schemas/topics';
import { DrainRecords } from './drain-records';
import { DrainWatch } from './drain-watch';
import { type GenerationPlan, isFrozen, type KnownLog, planGeneration } from './generations';
import { knownLogs } from './known-logs';
import { PeerWatch } from './peer-watch';
import { ProcessBeats } from './process-beats';
import { TOPICS, type TopicPlan } from './set-up';
import type { Surroundings } from './surroundings';

type Around = Pick<Surroundings, 'failed' | 'log' | 'settings'>;

/** The generation of the log that this process serves: its topics, and whether it is in service. */
export class OwnGeneration {
  readonly origin: string;
  private readonly drains: DrainRecords;
  private readonly drainWatch: DrainWatch;
  private readonly peerWatch: PeerWatch;
  private readonly beats: ProcessBeats | undefined;
  private plan: GenerationPlan = { partitions: 0, isInService: false, peerTopics: [] };
  private logs: readonly KnownLog[] = [];

  constructor(
    private readonly client: Client,
    private readonly around: Around,
  ) {
    const { failed, log, settings } = around;
    this.origin = originOf(settings.DATACENTER, settings.LOG_GENERATION);
    const records = new DrainRecords(client, () => clock.now());
    this.drains = records;
    this.drainWatch = new DrainWatch({ origin: this.origin, records, clock, failed });
    this.peerWatch = new PeerWatch({
      peers: settings.ROLE?.includes('dispatcher') ? settings.PEER_DATACENTERS : [],
      topics: () => this.plan.peerTopics,
      logs: () => knownLogs(client, records),
      warn: (line) => log.warn(line),
    });
    this.beats = beatsOf(this.origin, client, around);
  }

  /**
   * Reads which logs there are. Rejects with `log_mismatch` if this process may not serve its own;
   * may be called again after another error.
   */
  async start(): Promise<void> {
    // A process that appends or counts is recorded before it does anything else.
    await this.beats?.start();
    await this.readLogs();
    await this.drainWatch.start();
  }

  /** Reads again which logs there are, as `start` does: a drain or a recount may have begun. */
  async readLogs(): Promise<void> {
    this.logs = await knownLogs(this.client, this.drains);
    this.plan = planGeneration(wantedBy(this.around.settings), this.logs);
  }

  /** Whether this process may set the log up; false only if it has viewers and nothing else. */
  get isInService(): boolean {
    return this.plan.isInService;
  }

  /** The topics of the log itself. */
  get topics(): string[] {
    return TOPICS.map((topic) => this.topicOf(topic));
  }

  /** The mirrored topics of other datacenters. */
  get peerTopics(): readonly string[] {
    return this.plan.peerTopics;
  }

  /** All topics that must be there. */
  get topicPlan(): TopicPlan {
    const { KAFKA_REPLICAS: replicas, LOG_GENERATION, PEER_DATACENTERS } = this.around.settings;
    const { partitions, peerTopics } = this.plan;
    const hasPeers = PEER_DATACENTERS.length > 0;
    const between = hasPeers ? [updatesTopic(LOG_GENERATION), ...peerTopics] : [];
    const mine = this.logs.find(({ origin }) => origin === this.origin);
    const closed = isFrozen(mine?.state) ? this.topics : [];
    const names = [...this.topics, ...between];
    return { names, mirrored: peerTopics, partitions, replicas, closed };
  }

  /** A topic's name in this generation. */
  topicOf(topic: string): string {
    return topicOf(topic, this.around.settings.LOG_GENERATION);
  }

  /** The logs of owners, and of producers, on Kafka's. */
  logsOn(log: PartitionLog): { readonly log: Log; readonly intake: Log } {
    const { LOG_GENERATION: number } = this.around.settings;
    const own = new GenerationLog(log, { number, partitions: this.plan.partitions });
    return { log: own, intake: new DrainedLog(own, () => this.drainWatch.isDraining) };
  }

  /** Looks whether peers have begun logs whose updates this process does not read. */
  async look(): Promise<void> {
    await this.peerWatch.look().catch((error: unknown) => this.around.failed('peer logs', error));
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
