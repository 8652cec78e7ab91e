import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { cassandraPart } from '../../compose/native/cassandra';
import { type CassandraNode, SINGLE_NODE } from '../../compose/native/cassandra-node';
import { CassandraNodes } from '../stack/cassandra-nodes';

const PORTS = {
  ...{ kafka: 1, kafkaController: 2, redis: 3 },
  ...{ cassandra: 9_042, cassandraStorage: 7_000 },
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likestream-cassandra-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The settings with which a node starts, and those of its datacenter. */
async function settingsOf(node: CassandraNode) {
  const own = join(folder, String(node.token));
  const install = { folder: '', java: { file: 'java', major: 17 } } as never;
  await cassandraPart(node).prepare({ folder: own, ports: PORTS, install, fullSpeed: false });
  const settings = parse(readFileSync(join(own, 'cassandra.yaml'), 'utf8'));
  return { settings, rack: readFileSync(join(own, 'cassandra-rackdc.properties'), 'utf8') };
}

test('a single node is its own seed, and keeps no hints', async () => {
  const { rack, settings } = await settingsOf(SINGLE_NODE);
  expect(settings).toMatchObject({
    ...{ initial_token: '0', hinted_handoff_enabled: false },
    ...{ broadcast_address: '127.0.0.1', broadcast_rpc_address: '127.0.0.1' },
    seed_provider: [{ parameters: [{ seeds: '127.0.0.1:7000' }] }],
  });
  expect(rack).toBe('dc=datacenter1\nrack=rack1\n');
});

test('nodes of two datacenters reach each other through links, and keep hints', async () => {
  const { nodes, ports } = await CassandraNodes.choose(2);
  const all = await Promise.all(nodes.map(settingsOf));
  const [first, second] = all.map(({ settings }) => settings);
  const seeds = `${first.broadcast_address}:${ports[0]?.cassandraStorage}`;
  for (const settings of [first, second]) {
    expect(settings.broadcast_address).not.toBe(settings.listen_address);
    expect(settings.hinted_handoff_enabled).toBe(true);
    expect(settings.seed_provider).toMatchObject([{ parameters: [{ seeds }] }]);
  }
  for (const setting of ['initial_token', 'broadcast_rpc_address']) {
    expect(second[setting]).not.toBe(first[setting]);
  }
});

test('each datacenter has a replica, and its roles use their own node', async () => {
  const nodes = await CassandraNodes.choose(2);
  const CASSANDRA_REPLICATION = "'datacenter1': 1, 'datacenter2': 1";
  expect([0, 1].map((at) => nodes.settingsAt(at))).toEqual([
    { CASSANDRA_LOCAL_DATACENTER: 'datacenter1', CASSANDRA_REPLICATION },
    { CASSANDRA_LOCAL_DATACENTER: 'datacenter2', CASSANDRA_REPLICATION },
  ]);
});
