import { SECRET, token } from '../runtime/members/tokens';
import { call, eventually, range } from './api';
import { childrenOf } from './children';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

/** The time in which a change of streams is shown; the machine of the tests may be slow. */
const SHOWN_MS = 4_000;
/** The same after a worker was killed. */
const JUDGED_MS = 15_000;

const clients: StreamClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(endServers);

function bearer(sub: string): Record<string, string> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return { Authorization: `Bearer ${token({ exp, sub })}` };
}

function open(server: Server, channel: string, member: string, reconnects = false): StreamClient {
  const client = new StreamClient(server.url, [channel], { headers: bearer(member), reconnects });
  clients.push(client);
  return client;
}

/** The newest number of viewers that a client was shown. */
function shown(client: StreamClient | undefined): unknown {
  const all = client?.events.filter(({ data }) => data.viewers !== undefined) ?? [];
  return all.at(-1)?.data.viewers;
}

async function read(server: Server, path: string): Promise<unknown> {
  return JSON.parse((await call(server.url, 'GET', path, { headers: bearer('reader') })).text);
}

describe.each([
  ['one process', {}],
  ['workers', { WORKERS: '2' }],
])('open streams, with %s', (_, settings) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ env: { JWT_SECRET: SECRET, ...settings } });
  });

  it('of a video are counted, and all viewers are shown their number', async () => {
    const all = range(9).map((n) => open(server, 'video:1', `member-${n}`));
    for (const client of all) await client.next('snapshot');
    await eventually(() => expect(all.map(shown)).toEqual(all.map(() => 9)), SHOWN_MS);
    for (const client of all.slice(0, 4)) client.close();
    const rest = all.slice(4);
    await eventually(() => expect(rest.map(shown)).toEqual(rest.map(() => 5)), SHOWN_MS);
    await eventually(
      async () => expect(await read(server, '/videos/1/viewers')).toMatchObject({ viewers: 5 }),
      SHOWN_MS,
    );
  });

  it('of the same members are one visitor each', async () => {
    const all = range(8).map((n) => open(server, 'video:2', `member-${n % 3}`));
    for (const client of all) await client.next('snapshot');
    await eventually(
      async () =>
        expect(await read(server, '/videos/2/viewers')).toMatchObject({ viewers: 8, unique: 3 }),
      8_000,
    );
  });

  it('of a member make it online for those who watch it, whatever it watches', async () => {
    const watching = open(server, 'member:zoe', 'ben');
    const snapshot = await watching.next('snapshot');
    expect(snapshot.data).toMatchObject({ channel: 'member:zoe', online: false });
    open(server, 'video:3', 'zoe');
    const event = await watching.next('presence', ({ data }) => data.online === true);
    expect(event.data).toEqual({ channel: 'member:zoe', memberId: 'zoe', online: true });
    await eventually(async () =>
      expect(await read(server, '/members/zoe/presence')).toEqual({
        memberId: 'zoe',
        online: true,
      }),
    );
  });
});

test('streams of a killed worker are counted once, where they came back', async () => {
  const env = { JWT_SECRET: SECRET, WORKERS: '2', LOG_LEVEL: 'silent' };
  const server = await Server.start({ env });
  const all = range(10).map((n) => open(server, 'video:1', `member-${n}`, true));
  for (const client of all) await client.next('snapshot');
  await eventually(() => expect(all.map(shown)).toEqual(all.map(() => 10)), SHOWN_MS);
  const workers = new Set(all.map((client) => String(client.all('ready')[0]?.data.connectionId)));
  expect(new Set([...workers].map((id) => id.split('.')[0])).size).toBeGreaterThan(1);
  process.kill(childrenOf(server.pid)[0] ?? 0, 'SIGKILL');
  await eventually(() => expect(all.some(({ connections }) => connections > 1)).toBe(true));
  await eventually(() => expect(all.map(shown)).toEqual(all.map(() => 10)), JUDGED_MS);
  const gone = all.slice(0, 4);
  for (const client of gone) client.close();
  const rest = all.slice(4);
  await eventually(() => expect(rest.map(shown)).toEqual(rest.map(() => 6)), JUDGED_MS);
}, 60_000);
