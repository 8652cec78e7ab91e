import { Cluster } from 'ioredis';
import { eventually, range } from '../end-to-end/api';
import { freePort, isFree } from '../end-to-end/server';
import { ignore, RedisProcess } from './redis-process';
import { documentedUser } from './redis-rights';

const PASSWORD = 'of-the-cluster';
const SLOTS = 16_384;
const NODES = 3;
const READY_MS = 30_000;
const KEYS_A_SLOT = 10_000;
const MIGRATE_MS = 5_000;

const LINES = [
  ...['cluster-enabled yes', 'cluster-node-timeout 2000', 'save ""'],
  'user default on nopass ~* &* +@all',
];

/** The nodes talk to each other on ports this much above their own. */
const BUS_OFFSET = 10_000;

/** A free port of a node, whose bus port is below those of outgoing connections, and free, too. */
async function nodePort(): Promise<number> {
  for (;;) {
    const port = (await freePort()) - BUS_OFFSET;
    if (await isFree(port)) return port;
  }
}

/** A Redis Cluster of three nodes, whose user `likestream` has the rights of docs/operating.md. */
export class ClusterRedis {
  private client: Cluster | undefined;

  private constructor(readonly nodes: readonly RedisProcess[]) {}

  static async start(): Promise<ClusterRedis> {
    const lines = [...LINES, documentedUser(PASSWORD)];
    const nodes = await Promise.all(
      range(NODES).map(async () => RedisProcess.start({ lines, port: await nodePort() })),
    );
    const cluster = new ClusterRedis(nodes);
    for (const [at, { admin }] of nodes.entries()) {
      const first = Math.ceil((SLOTS * at) / NODES);
      const end = Math.ceil((SLOTS * (at + 1)) / NODES);
      const slots = range(end - first).map((slot) => first + slot);
      await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
      await admin.call('CLUSTER', 'ADDSLOTS', ...slots);
      await admin.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0);
    }
    await eventually(() => cluster.expectComplete(), READY_MS);
    return cluster;
  }

  /** The settings of a process that may use it. */
  get environment() {
    return {
      REDIS_URL: 'redis://any',
      REDIS_USERNAME: 'likestream',
      REDIS_PASSWORD: PASSWORD,
      REDIS_CLUSTER: this.nodes.map(({ address }) => address).join(),
    };
  }

  /** A client with all rights. */
  get admin(): Cluster {
    const nodes = this.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
    this.client ??= new Cluster(nodes).on('error', ignore);
    return this.client;
  }

  /** The node that has a slot. */
  async owner(slot: number): Promise<RedisProcess> {
    for (const node of this.nodes) if ((await slotsOf(node)).has(slot)) return node;
    throw new Error(`no node has slot ${slot}`);
  }

  /** The slot of a key. */
  async slotOf(key: string): Promise<number> {
    return Number(await this.nodes[0]?.admin.call('CLUSTER', 'KEYSLOT', key));
  }

  /**
   * Moves a slot to the next node, as redis-cli does. Runs `halfway` when half of its keys have
   * moved: then both nodes refuse some commands.
   */
  async move(slot: number, halfway: () => Promise<unknown> = async () => undefined): Promise<void> {
    const from = await this.owner(slot);
    const to = this.nodes[(this.nodes.indexOf(from) + 1) % this.nodes.length];
    if (!to) throw new Error('there is no other node');
    const [fromId, toId] = await Promise.all([from, to].map(idOf));
    await to.admin.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId ?? '');
    await from.admin.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId ?? '');
    const count = (await this.keysIn(from, slot)).length;
    await this.migrate(from, to, slot, Math.ceil(count / 2));
    await halfway();
    while (await this.migrate(from, to, slot, KEYS_A_SLOT)) await halfway();
    for (const node of [to, from, ...this.nodes]) {
      await node.admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId ?? '');
    }
  }

  async expectComplete(): Promise<void> {
    for (const { admin } of this.nodes) {
      const info = String(await admin.call('CLUSTER', 'INFO'));
      const isComplete = /cluster_state:ok/.test(info) && info.includes(`known_nodes:${NODES}`);
      if (!isComplete) throw new Error(info);
    }
  }

  async end(): Promise<void> {
    this.client?.disconnect();
    await Promise.all(this.nodes.map((node) => node.end()));
  }

  private async keysIn({ admin }: RedisProcess, slot: number): Promise<string[]> {
    const keys = await admin.call('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_A_SLOT);
    return Array.isArray(keys) ? keys.map(String) : [];
  }

  /** Moves some keys; returns their number. */
  private async migrate(
    from: RedisProcess,
    to: RedisProcess,
    slot: number,
    most: number,
  ): Promise<number> {
    const keys = (await this.keysIn(from, slot)).slice(0, most);
    if (keys.length === 0) return 0;
    const target = ['127.0.0.1', to.port, '', 0, MIGRATE_MS];
    await from.admin.call('MIGRATE', ...target, 'KEYS', ...keys);
    return keys.length;
  }
}

async function idOf({ admin }: RedisProcess): Promise<string> {
  return String(await admin.call('CLUSTER', 'MYID'));
}

async function slotsOf(node: RedisProcess): Promise<Set<number>> {
  const id = await idOf(node);
  const lines = String(await node.admin.call('CLUSTER', 'NODES')).split('\n');
  const ranges =
    lines
      .find((line) => line.startsWith(id))
      ?.split(' ')
      .slice(8) ?? [];
  return new Set(
    ranges.flatMap((text) => {
      const [first = 0, last = first] = text.split('-').map(Number);
      return text.startsWith('[') ? [] : range(last - first + 1).map((at) => first + at);
    }),
  );
}
