// Two datacenters that replace their logs. It takes minutes, so `npm test` leaves it out and
// .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { setUpTables } from '../../adapters/cassandra/set-up-tables';
import { openRedis } from '../../adapters/redis/client';
import { redisServer } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import { environmentOf } from '../../compose/native/addresses';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { sumOf, totalOf } from '../../schemas/policies/counter';
import { eventually, post, range, tapId } from '../end-to-end/api';
import { JWT_SECRET, KEYS, SERVICE_SECRET } from './keys';
import { runOperatorProgram } from './operator-program';
import { PeerSites } from './peer-sites';
import { RoleProcess } from './role-process';
import { saveWrongState, withCassandra } from './saved-states';

const START_MS = 400_000;
const TEST_MS = 400_000;
const REST_MS = 90_000;
const VIDEO = 'both';

const types = new EventTypes([likes]);
const names = new Names();

jest.setTimeout(TEST_MS);

type Name = 'dc1' | 'dc2';

const servers = new PeerSites();
const running: Record<Name, RoleProcess[]> = { dc1: [], dc2: [] };
const expected = { total: 0 };

beforeAll(async () => {
  await servers.startServers();
  const replication = "'datacenter1': 1";
  // On a busy machine, Cassandra creates tables slowly just after its start.
  await withCassandra(contactPoint(), (cassandra) =>
    eventually(() => setUpTables(cassandra, { types, names, replication }), REST_MS),
  );
}, START_MS);

afterAll(async () => {
  await Promise.all(
    Object.values(running)
      .flat()
      .map((one) => one.end('SIGTERM')),
  );
  await servers.end();
}, START_MS);

/** The Cassandra that both datacenters share. */
function contactPoint(): string {
  return servers.datacenters.addresses('dc1').cassandra;
}

function settingsOf(name: Name, more: Readonly<Record<string, string>> = {}) {
  const { datacenters } = servers;
  const keys = { JWT_SECRET, SERVICE_SECRET };
  const own = environmentOf(datacenters.addresses(name));
  return { ...own, ...datacenters.peersOf(name), ...keys, ...more };
}

async function start(name: Name, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const settings = settingsOf(name, more);
  running[name] = [];
  for (const role of ['producer,frontend', 'dispatcher'] as const) {
    running[name].push(await RoleProcess.start(role, settings));
  }
}

async function stop(name: Name): Promise<void> {
  await Promise.all(running[name].map((one) => one.end('SIGTERM')));
}

async function operate(program: 'drain' | 'recount', name: Name, generation: number) {
  const settings = settingsOf(name, { LOG_GENERATION: `${generation}` });
  const { code, output } = await runOperatorProgram(program, [], settings);
  if (code !== 0) throw new Error(`${program} of ${name} ended with ${code}: ${output}`);
  return output;
}

async function likeIn(name: Name): Promise<void> {
  const url = running[name][0]?.url ?? '';
  for (const _ of range(5)) {
    const { headers } = servers;
    const answer = await post(url, VIDEO, { likeId: tapId() }, { headers });
    expect(answer).toMatchObject({ status: 201 });
    expected.total += 1;
  }
}

async function expectEqual(): Promise<void> {
  await eventually(async () => {
    for (const name of ['dc1', 'dc2'] as const) {
      const url = running[name][0]?.url ?? '';
      expect(await servers.totalAt(url, VIDEO)).toBe(expected.total);
      expect((await cachedIn(name)) ?? expected.total).toBe(expected.total);
    }
    expect((await servers.rows(VIDEO)).size).toBe(expected.total);
  }, REST_MS);
}

/** The total in a datacenter's Redis, from which its viewers are served. */
async function cachedIn(name: Name): Promise<number | undefined> {
  const redis = openRedis(redisServer(servers.datacenters.addresses(name).redis));
  try {
    await redis.whenReady();
    const channel = `video:${VIDEO}`;
    const cached = await new RedisCache(redis, types, names, KEYS).get([channel]);
    const vector = types.parseFeeds(cached.get(channel) ?? {})[likes.name];
    if (!vector) return undefined;
    const states = Object.values(vector).map(({ state }) => likes.policy.state.parse(state));
    return totalOf(sumOf(states));
  } finally {
    redis.close();
  }
}

test('one datacenter begins a new log, and its peer reads it without a restart', async () => {
  await start('dc1');
  await start('dc2');
  await likeIn('dc1');
  await likeIn('dc2');
  await expectEqual();
  await operate('drain', 'dc1', 1);
  await stop('dc1');
  await start('dc1', { LOG_GENERATION: '2' });
  await likeIn('dc1');
  await likeIn('dc2');
  await expectEqual();
});

test('a recount in one datacenter reaches the other one', async () => {
  await operate('drain', 'dc1', 2);
  await stop('dc1');
  await saveWrongState(contactPoint(), `video:${VIDEO}`, 'dc1.1', () => ({ like: 99 }));
  const output = await operate('recount', 'dc1', 2);
  expect(output).toMatch(/likes of video:both 99 → 5/);
  await start('dc1', { LOG_GENERATION: '3' });
  await expectEqual();
  // This peer began to run before dc1.2 did.
  await eventually(() => expect(running.dc2[1]?.output).toContain('dc1.3 has begun'), REST_MS);
  await stop('dc2');
  await start('dc2');
  await likeIn('dc1');
  await expectEqual();
});

test('all datacenters change the number of partitions together', async () => {
  await operate('drain', 'dc1', 3);
  await stop('dc1');
  await expect(start('dc1', { LOG_GENERATION: '4', PARTITIONS: '36' })).rejects.toThrow(
    /Drain dc2 as well/,
  );
  await operate('drain', 'dc2', 1);
  await stop('dc2');
  await start('dc1', { LOG_GENERATION: '4', PARTITIONS: '36' });
  await start('dc2', { LOG_GENERATION: '2', PARTITIONS: '36' });
  await likeIn('dc1');
  await likeIn('dc2');
  await expectEqual();
});
