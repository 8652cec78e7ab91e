import { CASSANDRA_DATACENTER } from '../../compose/native/addresses';
import type { CassandraNode } from '../../compose/native/cassandra-node';
import { freePorts } from '../../compose/native/ports';
import { HeldLink } from './held-link';

/** The addresses between nodes, through the links; each node itself listens at 127.0.0.1. */
const LINKED_HOST = '127.0.0.11';
/** The addresses that nodes announce to drivers; different ones, and never connected to. */
const NAMED_NET = '127.0.0.2';

/** One Cassandra node for each datacenter, and links between them that can be cut. */
export class CassandraNodes {
  readonly nodes: readonly CassandraNode[];
  private readonly links: readonly HeldLink[];

  private constructor(private readonly storagePorts: readonly number[]) {
    const seed = `${LINKED_HOST}:${storagePorts[0]}`;
    this.nodes = storagePorts.map((_, at) => ({
      ...{ seed, token: at, hasPeers: true, broadcastAddress: LINKED_HOST },
      datacenter: datacenterAt(at),
      broadcastRpcAddress: `${NAMED_NET}${at + 1}`,
    }));
    this.links = storagePorts.map((port) => new HeldLink(() => port, { host: LINKED_HOST, port }));
  }

  /** Chooses free ports for a number of nodes. */
  static async choose(count: number): Promise<CassandraNodes> {
    return new CassandraNodes(await freePorts(count, []));
  }

  /** The port of each node, for the options of a stack. */
  get ports(): readonly { readonly cassandraStorage: number }[] {
    return this.storagePorts.map((cassandraStorage) => ({ cassandraStorage }));
  }

  /** The settings of the roles beside the node that is the `at`-th. */
  settingsAt(at: number): Readonly<Record<string, string>> {
    const replicas = this.nodes.map(({ datacenter }) => `'${datacenter}': 1`);
    return {
      CASSANDRA_LOCAL_DATACENTER: datacenterAt(at),
      CASSANDRA_REPLICATION: replicas.join(', '),
    };
  }

  /** Starts the links; nodes need them to start. */
  async start(): Promise<void> {
    await Promise.all(this.links.map((link) => link.start()));
  }

  /** Holds back all bytes between the nodes. */
  cut(): void {
    for (const link of this.links) link.hold();
  }

  /** Sends the held bytes, and lets all later ones pass. */
  mend(): void {
    for (const link of this.links) link.release();
  }

  async end(): Promise<void> {
    await Promise.all(this.links.map((link) => link.end()));
  }
}

/** Cassandra's name of the `at`-th datacenter. */
export function datacenterAt(at: number): string {
  return at === 0 ? CASSANDRA_DATACENTER : `datacenter${at + 1}`;
}
