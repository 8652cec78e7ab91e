import { join } from 'node:path';
import type { Addresses } from './addresses';
import type { CassandraNode } from './cassandra-node';
import { Mirror, OUR_TOPICS } from './mirror';
import { NativeStack } from './native-stack';
import type { Ports } from './ports';
import { type Progress, SILENT } from './progress';
import type { PartStatus } from './stack';

/** The options of several datacenters on this machine. */
export interface DatacentersOptions {
  readonly folder: string;
  /** `dc1`, `dc2`, …: the first one has the Cassandra that all share. */
  readonly names: readonly string[];
  /** The ports of each datacenter, in order; free ones if not given. */
  readonly ports?: readonly Partial<Ports>[];
  /** A Cassandra node for each datacenter, in order; if not given, all share one Cassandra. */
  readonly cassandras?: readonly CassandraNode[] | undefined;
  /** Further topics to mirror. */
  readonly moreTopics?: readonly string[];
  readonly fullSpeed?: boolean;
  readonly detached?: boolean;
  readonly progress?: Progress;
}

/** The folder of a datacenter's servers and app; the first one's folder contains the others. */
export function folderOf(folder: string, names: readonly string[], name: string): string {
  return name === names[0] ? folder : join(folder, `stack-${name}`);
}

/**
 * A Kafka and a Redis in each datacenter, one Cassandra for all or a node in each, and MirrorMaker
 * between them.
 */
export class Datacenters {
  readonly mirror: Mirror;
  private readonly stacks: readonly NativeStack[];

  constructor(private readonly options: DatacentersOptions) {
    const { cassandras, folder, moreTopics = [], names, progress = SILENT, ...common } = options;
    const { ports = [] } = options;
    const topics = [...OUR_TOPICS, ...moreTopics];
    this.mirror = new Mirror(join(folder, 'mirror'), progress, topics);
    this.stacks = names.map((datacenter, at) => {
      const hasCassandra = at === 0 || cassandras !== undefined;
      return new NativeStack({
        ...{ ...common, progress, datacenter },
        ports: ports[at] ?? {},
        cassandra: cassandras?.[at],
        folder: folderOf(folder, names, datacenter),
        parts: hasCassandra ? ['kafka', 'cassandra', 'redis'] : ['kafka', 'redis'],
      });
    });
  }

  /** Starts the parts that do not run; MirrorMaker once the brokers answer. */
  async start(): Promise<void> {
    for (const stack of this.stacks) await stack.start();
    await this.link();
  }

  /** Starts MirrorMaker, unless it runs. */
  async link(): Promise<void> {
    const { detached = false, fullSpeed = false, names } = this.options;
    const clusters = names.map((datacenter) => ({
      datacenter,
      kafka: this.addresses(datacenter).kafka,
    }));
    await this.mirror.start(clusters, fullSpeed, detached);
  }

  /** The servers of one datacenter, for tests that kill them. */
  stack(datacenter: string): NativeStack {
    const stack = this.stacks[this.options.names.indexOf(datacenter)];
    if (!stack) throw new Error(`there is no ${datacenter}`);
    return stack;
  }

  /** The addresses of a datacenter's servers; a shared Cassandra has the same one for all. */
  addresses(datacenter: string): Addresses {
    const { cassandras, names } = this.options;
    if (cassandras) return this.stack(datacenter).addresses;
    const [first = datacenter] = names;
    const { cassandra } = this.stack(first).addresses;
    return { ...this.stack(datacenter).addresses, cassandra };
  }

  /** The environment variables with a datacenter's name and its peers. */
  peersOf(datacenter: string): Readonly<Record<string, string>> {
    const peers = this.options.names.filter((name) => name !== datacenter);
    return { DATACENTER: datacenter, PEER_DATACENTERS: peers.join() };
  }

  /** Stops all cleanly, MirrorMaker first: it would wait long for stopped brokers. */
  async stop(): Promise<void> {
    await this.mirror.stop();
    await Promise.all(this.stacks.map((stack) => stack.stop()));
  }

  /** Stops all parts and deletes their data. */
  async reset(): Promise<void> {
    await this.stop();
    this.mirror.remove();
    // The first datacenter's folder contains the others.
    for (const stack of [...this.stacks].reverse()) await stack.reset();
  }

  async status(): Promise<PartStatus[]> {
    const all = await Promise.all(
      this.stacks.map(async (stack, at) =>
        (await stack.status()).map((part) => ({
          ...part,
          title: `${part.title} ${this.options.names[at]}`,
        })),
      ),
    );
    return [...all.flat(), this.mirror.status()];
  }
}
