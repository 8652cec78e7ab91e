import { connect, type Socket } from 'node:net';
import { JWT_SECRET } from '../stack/keys';
import { tokenOf } from '../stack/member-tokens';
import { type Answer, eventually, metric, post, problemIn, range, totalOf, totalsOf } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

const RATE = 20;
/** As many as `RATE_LIMIT` lets through at once. */
const BURST = 2 * RATE;

jest.setTimeout(120_000);

const sockets: Socket[] = [];
const streams: StreamClient[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const stream of streams.splice(0)) stream.close();
});
afterAll(endServers);

function limited({ adminUrl }: Server, limit: string): Promise<number | undefined> {
  return metric(adminUrl, `likestream_limited_total{limit="${limit}"}`);
}

/** The headers of a member behind a proxy, whose client has an address. */
async function as(member: string, address = '192.0.2.1'): Promise<Record<string, string>> {
  const token = await tokenOf(member);
  return { Authorization: `Bearer ${token}`, 'X-Forwarded-For': `203.0.113.9, ${address}` };
}

/** How many of the answers have each status. */
function counted(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe.each([
  ['one process', {}],
  ['workers', { WORKERS: '2' }],
])('with %s', (_, more) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({
      env: {
        JWT_SECRET,
        TRUSTED_PROXIES: '1',
        RATE_LIMIT: `${RATE}`,
        NEW_NAMES_LIMIT: '0.2',
        ...more,
      },
    });
  });

  it('one member far over the rate is refused, and honest ones are not', async () => {
    const honest = range(10).map((at) => `honest-${at}`);
    const flood = await as('flood');
    const begun = performance.now();
    const floods = Promise.all(range(150).map(() => post(server.url, 'v', {}, { headers: flood })));
    const others = await Promise.all(
      honest.flatMap((member) =>
        range(5).map(async () => post(server.url, 'v', {}, { headers: await as(member) })),
      ),
    );
    expect(counted(others)).toEqual({ 201: 50 });
    const { 201: accepted = 0, 429: refused = 0, ...rest } = counted(await floods);
    const seconds = (performance.now() - begun) / 1_000;
    expect(rest).toEqual({});
    expect(accepted).toBeGreaterThanOrEqual(BURST);
    expect(accepted).toBeLessThanOrEqual(BURST + RATE * (seconds + 1));
    expect(refused).toBe(150 - accepted);
    expect(await limited(server, 'entries')).toBeGreaterThanOrEqual(refused);
    await eventually(async () =>
      expect((await totalsOf(server.url, 'v', { headers: flood })).total).toBe(50 + accepted),
    );
  });

  it('a list counts each like, and is refused as a whole with the time to wait', async () => {
    const headers = await as('lists');
    const likes = { likes: range(50).map(() => ({})) };
    expect((await post(server.url, 'lists', likes, { headers })).status).toBe(201);
    const answer = await post(server.url, 'lists', likes, { headers });
    expect([answer.status, problemIn(answer).code]).toEqual([429, 'too_many_requests']);
    const seconds = Number(answer.headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(3);
    expect((await totalsOf(server.url, 'lists', { headers })).total).toBe(50);
  });

  it('an address may invent few videos, and use those that others use', async () => {
    const headers = await as('inventor', '192.0.2.2');
    const answers = [];
    for (const at of range(30)) answers.push(await post(server.url, `new-${at}`, {}, { headers }));
    const { 201: accepted = 0, 429: refused = 0 } = counted(answers);
    // It may invent 0.2 x 100 at once, and one more in 5 s.
    expect(accepted).toBeGreaterThanOrEqual(20);
    expect(refused).toBeGreaterThan(0);
    expect(accepted + refused).toBe(30);
    expect(problemIn(answers[29] as Answer).code).toBe('too_many_requests');
    expect((await post(server.url, 'new-0', {}, { headers })).status).toBe(201);
    const other = await as('inventor', '192.0.2.3');
    expect((await post(server.url, 'new-29', {}, { headers: other })).status).toBe(201);
    expect(await limited(server, 'names')).toBeGreaterThan(0);
  });
});

describe('streams of one address', () => {
  it('beyond the most are told to come back, until one has ended', async () => {
    const server = await Server.start({
      env: { JWT_SECRET, TRUSTED_PROXIES: '1', MAX_ADDRESS_STREAMS: '3' },
    });
    const watch = async (member: string, address?: string) => {
      const headers = await as(member, address);
      const stream = new StreamClient(server.url, ['video:1'], { headers });
      streams.push(stream);
      return stream;
    };
    const open = await Promise.all(range(3).map((at) => watch(`member-${at}`)));
    await Promise.all(open.map((stream) => stream.next('ready')));
    const refused = await watch('other');
    const bye = await refused.next('bye');
    expect([refused.statuses, bye.data.reason]).toEqual([[200], 'too_many_streams']);
    expect(bye.data.retryMs).toBeGreaterThan(0);
    await (await watch('other', '192.0.2.2')).next('ready');
    expect(await limited(server, 'streams_of_address')).toBe(1);
    open[0]?.close();
    await eventually(async () => (await watch('other')).next('ready', undefined, 500));
  });
});

/** Opens silent connections, half of them with a part of a request. */
async function openSilent(server: Server, count: number): Promise<void> {
  await Promise.all(
    range(count).map(
      (at) =>
        new Promise<void>((resolve) => {
          const socket = connect({ port: server.port, host: '127.0.0.1' }, () => resolve());
          socket.on('error', () => resolve());
          if (at % 2 === 0) socket.write('POST /videos/s/likes HTTP/1.1\r\nHost: x\r\n');
          sockets.push(socket);
        }),
    ),
  );
}

const MAX_CONNECTIONS = 50;

// Each worker has its own bound, so that one process never has more than its descriptors allow.
describe.each([
  ['one process', 1, {}],
  ['workers', 2, { WORKERS: '2' }],
])('silent connections to %s', (_, processes, more) => {
  it('do not keep a like out, and are no more than the bound', async () => {
    const env = { MAX_CONNECTIONS: `${MAX_CONNECTIONS}`, ...more };
    const server = await Server.start({ env });
    for (const batch of range(10)) {
      await openSilent(server, 30 * processes);
      const liked = eventually(async () => {
        expect((await post(server.url, 's', { likeId: `like-${batch}` })).status).toBeLessThan(202);
      });
      await expect(liked).resolves.toBeUndefined();
    }
    await eventually(async () => expect(await totalOf(server.url, 's')).toBe(10));
    expect(await limited(server, 'connections')).toBeGreaterThan(0);
    await eventually(async () => {
      const open = sockets.filter(({ destroyed }) => !destroyed).length;
      expect(open).toBeLessThanOrEqual(processes * MAX_CONNECTIONS);
      // One process alone would not have so many.
      expect(open).toBeGreaterThan(((processes - 1) * MAX_CONNECTIONS * 5) / 4);
    });
  });
});

describe.each([
  ['one process', {}],
  ['workers', { WORKERS: '2' }],
])('refused tokens of one address, with %s', (_, more) => {
  it('are soon not verified, and hinder no member known there and no other address', async () => {
    const env = { JWT_SECRET, TRUSTED_PROXIES: '1', BAD_TOKEN_RATE_LIMIT: '0.5', ...more };
    const server = await Server.start({ env });
    const known = await as('known');
    // Both workers get to know the token.
    await Promise.all(range(20).map(() => post(server.url, 'v', {}, { headers: known })));
    const flood = { ...known, Authorization: 'Bearer a.b.c' };
    const answers = [];
    for (const _ of range(10)) {
      const some = range(20).map(() => post(server.url, 'v', {}, { headers: flood }));
      answers.push(...(await Promise.all(some)));
      expect((await post(server.url, 'v', {}, { headers: known })).status).toBe(201);
    }
    const { 401: refused = 0, 429: unread = 0 } = counted(answers);
    expect(refused + unread).toBe(200);
    // So many at once in each process, and one more in 2 s.
    expect(refused).toBeGreaterThanOrEqual(10);
    expect(unread).toBeGreaterThan(100);
    expect(await limited(server, 'bad_tokens')).toBeGreaterThanOrEqual(unread);
    const other = await as('new', '192.0.2.2');
    expect((await post(server.url, 'v', {}, { headers: other })).status).toBe(201);
  });
});

describe('without a key', () => {
  it('nothing is limited, but what is asked for', async () => {
    const server = await Server.start();
    const many = range(150).map((at) => post(server.url, `free-${at % 10}`, {}));
    expect(counted(await Promise.all(many))).not.toHaveProperty('429');
    const asked = await Server.start({ env: { RATE_LIMIT: '5' } });
    const { 429: refused = 0 } = counted(
      await Promise.all(range(100).map(() => post(asked.url, 'v', {}))),
    );
    expect(refused).toBeGreaterThan(0);
  });
});
