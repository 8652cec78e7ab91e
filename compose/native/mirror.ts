import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Names } from '../../schemas/names';
import { NATIVE_FOLDER } from './folders';
import { install } from './install';
import { javaCommand, keepArchive } from './jvm';
import { OwnedProcess } from './owned-process';
import type { Progress } from './progress';
import type { PartStatus } from './stack';
import { fillTemplate } from './template';

const END_MS = 20_000;

const names = new Names();

/** Patterns; they include the topics of all event types and generations. */
export const OUR_TOPICS: readonly string[] = [names.updatesPattern, names.momentsPattern];

// Measured: without all of these timeouts, a killed broker delays replication for minutes.
const EACH = [
  'plugin.discovery=service_load',
  'producer.linger.ms=0',
  'offset.flush.interval.ms=1000',
  'session.timeout.ms=6000',
  'heartbeat.interval.ms=1000',
  'scheduled.rebalance.max.delay.ms=0',
  'task.shutdown.graceful.timeout.ms=1000',
  'reconnect.backoff.max.ms=500',
];

/** One datacenter's Kafka: `host:port`. */
export interface MirroredCluster {
  readonly datacenter: string;
  readonly kafka: string;
}

/** MirrorMaker 2 between datacenters, both ways: a topic `x` of dc1 is `dc1.x` in every other. */
export class Mirror {
  private readonly process: OwnedProcess;

  constructor(
    private readonly folder: string,
    private readonly progress: Progress,
    /** Patterns of the mirrored topics. */
    private readonly topics: readonly string[] = OUR_TOPICS,
  ) {
    this.process = new OwnedProcess(folder);
  }

  /** Starts it, unless it runs. It continues at its last commit, so records may come twice. */
  async start(clusters: readonly MirroredCluster[], fullSpeed: boolean, detached: boolean) {
    if (this.process.pid !== undefined) return;
    this.progress.now('starting MirrorMaker');
    mkdirSync(this.folder, { recursive: true });
    const properties = join(this.folder, 'mirror.properties');
    writeMirrorSettings(properties, clusters, this.topics);
    const context = { folder: this.folder, install: await install(this.progress), fullSpeed };
    const logging = join(NATIVE_FOLDER, 'kafka', 'log4j2.properties');
    const flags = ['-Xms64m', '-Xmx384m', `-Dlog4j2.configurationFile=${logging}`];
    const main = 'org.apache.kafka.connect.mirror.MirrorMaker';
    const command = javaCommand(context, { part: 'kafka', main, flags, args: [properties] });
    this.process.start(command, detached);
    this.progress.done('MirrorMaker runs');
  }

  /** Ends it cleanly; kills it if that takes too long. */
  async stop(): Promise<void> {
    if (this.process.pid === undefined) return;
    this.progress.now('stopping MirrorMaker');
    this.process.signal('SIGTERM');
    const { training } = this.process;
    if (!(await this.process.ended(END_MS))) await this.kill();
    else if (training) keepArchive(training);
    this.process.removeRecord();
    this.progress.done('MirrorMaker has stopped');
  }

  /** Kills it: the link between the datacenters is cut. */
  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.ended(END_MS);
    this.process.removeRecord();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  status(): PartStatus {
    const { log, pid } = this.process;
    const running = pid === undefined ? undefined : `process ${pid}`;
    return { title: 'MirrorMaker', address: undefined, running, isReady: pid !== undefined, log };
  }
}

/** Writes the file of MirrorMaker's settings for these clusters. */
export function writeMirrorSettings(
  file: string,
  clusters: readonly MirroredCluster[],
  topics: readonly string[] = OUR_TOPICS,
): void {
  fillTemplate('kafka/mirror.properties', file, settingsOf(clusters, topics));
}

function settingsOf(
  clusters: readonly MirroredCluster[],
  topics: readonly string[],
): Record<string, string> {
  const names = clusters.map(({ datacenter }) => datacenter);
  const each = clusters.flatMap(({ datacenter, kafka }) => [
    `${datacenter}.bootstrap.servers=${kafka}`,
    ...EACH.map((setting) => `${datacenter}.${setting}`),
  ]);
  const pairs = names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .flatMap((to) => [`${from}->${to}.enabled=true`, `${from}->${to}.topics=${topics.join()}`]),
  );
  return { clusters: names.join(), each: each.join('\n'), pairs: pairs.join('\n') };
}
