import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'cassandra-driver';
import { openCassandra } from '../../../adapters/cassandra/client';
import { NativeStack } from '../../../compose/native/native-stack';
import { pause, systemClock } from '../../../runtime/clock';
import { eventually } from '../../end-to-end/api';
import { HeldLink } from '../../stack/held-link';

const START_MS = 120_000;

/** Longer than a client waits between two tries to connect. */
const TRIES_MS = 2_000;

/** A node that is only in the table of the real one; drivers use the default port. */
const PEER = '127.0.0.2';
const PEER_ADDRESS = `${PEER}:9042`;

const folder = mkdtempSync(join(tmpdir(), 'likestream-cassandra-'));
const stack = new NativeStack({ folder });

beforeAll(() => stack.start('cassandra'), START_MS);

afterAll(async () => {
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

/** The client's tries to connect from now on. */
function connects(client: Client): readonly string[] {
  const tries: string[] = [];
  client.on('log', (_level: string, _part: string, text: string) => {
    if (text.startsWith('Connecting')) tries.push(text);
  });
  return tries;
}

/** Writes the peer to the table that drivers read; the node itself does not contact it. */
async function addPeer(client: Client): Promise<void> {
  await client.execute(
    `INSERT INTO system.peers (peer, rpc_address, data_center, rack, release_version, host_id)
     VALUES ('${PEER}', '${PEER}', 'datacenter1', 'rack1', '4.1.0', uuid())`,
  );
}

async function removePeer(): Promise<void> {
  const contactPoints = [stack.addresses.cassandra];
  const client = openCassandra({ contactPoints, localDatacenter: 'datacenter1' });
  await client.execute(`DELETE FROM system.peers WHERE peer = '${PEER}'`);
  await client.shutdown();
}

/** Two addresses of the node, one of which can end. */
async function startLinks(): Promise<readonly HeldLink[]> {
  const port = Number(stack.addresses.cassandra.split(':')[1]);
  const links = [1, 2].map(() => new HeldLink(() => port));
  for (const link of links) await link.start();
  return links;
}

test(
  'a client whose nodes all have new addresses connects to each, with one connection',
  async () => {
    const links = await startLinks();
    const contactPoints = links.map(({ port }) => `127.0.0.1:${port}`);
    const client = openCassandra({ contactPoints, localDatacenter: 'datacenter1' });
    try {
      await client.connect();
      await addPeer(client);
      const [old] = client.hosts.keys();
      const tries = connects(client);
      await links.find((_, at) => contactPoints[at] === old)?.end();
      await eventually(() => expect(tries).toContain(`Connecting to ${PEER_ADDRESS}`));
      const [found] = client.hosts.values().filter(({ address }) => address !== PEER_ADDRESS);
      expect(found && contactPoints.includes(found.address) && found.address !== old).toBe(true);
      expect(found && client.getState().getOpenConnections(found)).toBe(1);
    } finally {
      await client.shutdown();
      for (const link of links) await link.end();
      await removePeer();
    }
  },
  START_MS,
);

test(
  'a client that lost its only node and found it again connects no more once it is shut down',
  async () => {
    const contactPoints = [stack.addresses.cassandra];
    const client = openCassandra({ contactPoints, localDatacenter: 'datacenter1' });
    await client.connect();
    await stack.kill('cassandra', 'SIGKILL');
    await stack.start('cassandra');
    await eventually(() => client.execute('SELECT key FROM system.local'), START_MS);
    await client.shutdown();
    await stack.kill('cassandra', 'SIGKILL');
    const tries = connects(client);
    // The driver's own timer would connect again, so this takes real time.
    await pause(systemClock, TRIES_MS);
    expect(tries).toEqual([]);
  },
  START_MS,
);
