import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCassandra } from '../../../adapters/cassandra/client';
import { NativeStack } from '../../../compose/native/native-stack';
import { pause, systemClock } from '../../../runtime/clock';
import { eventually } from '../../end-to-end/api';

const START_MS = 120_000;

/** Longer than a client waits between two tries to connect. */
const TRIES_MS = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'likestream-cassandra-'));
const stack = new NativeStack({ folder });

beforeAll(() => stack.start('cassandra'), START_MS);

afterAll(async () => {
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

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
    const tries: string[] = [];
    client.on('log', (_level: string, _part: string, text: string) => {
      if (text.startsWith('Connecting')) tries.push(text);
    });
    // The driver's own timer would connect again, so this takes real time.
    await pause(systemClock, TRIES_MS);
    expect(tries).toEqual([]);
  },
  START_MS,
);
