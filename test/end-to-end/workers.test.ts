import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { call, eventually, metric, post, problemIn, range, tapId, totalOf } from './api';
import { childrenOf } from './children';
import { untilCounted } from './counted';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

const REPLACED_MS = 10_000;

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.startToReturn({ env: { WORKERS: '2', LOG_LEVEL: 'silent' } });
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

/** So many viewers that each of two workers has some: 12 were all at one, once in 2,048 runs. */
const CROWD = 24;

async function crowd(video: string, count: number): Promise<StreamClient[]> {
  const open = () => new StreamClient(server.url, [`video:${video}`], { reconnects: true });
  viewers.push(...range(count).map(open));
  await Promise.all(viewers.map((viewer) => viewer.next('snapshot')));
  return viewers;
}

function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function expectTotals(video: string, total: number): Promise<void> {
  for (const viewer of viewers) {
    await eventually(() => expect(viewer.total(`video:${video}`)).toBe(total), REPLACED_MS);
    expect(viewer.faults).toEqual([]);
    expect(viewer.all('snapshot')).toHaveLength(1);
  }
  await eventually(async () => expect(await totalOf(server.url, video)).toBe(total));
}

async function expectReady(workers: number): Promise<void> {
  expect(childrenOf(server.pid)).toHaveLength(workers);
  expect((await call(server.adminUrl, 'GET', '/health/ready')).status).toBe(200);
}

describe('two workers behind one port', () => {
  it('send every like to the viewers of both', async () => {
    await crowd('both', 12);
    for (const n of range(20)) {
      await post(server.url, 'both', { likes: range((n % 5) + 1).map(() => ({})) });
    }
    await expectTotals('both', 60);
  });

  it('count a likeId once that is sent to both', async () => {
    const likeId = tapId();
    const answers = await Promise.all(range(20).map(() => post(server.url, 'dup', { likeId })));
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await eventually(async () => expect(await totalOf(server.url, 'dup')).toBe(1));
  });

  it('join and leave channels, whichever of them gets the request', async () => {
    const statuses: number[] = [];
    for (const viewer of await crowd('join', 6)) {
      const [ready] = viewer.all('ready');
      const path = `/stream/${ready?.data.connectionId}/channels/video:joined`;
      for (const method of ['PUT', 'PUT', 'DELETE']) {
        statuses.push((await call(server.url, method, path)).status);
      }
    }
    expect(statuses).toEqual(Array(18).fill(204));
  });

  it('are replaced if killed, and their viewers are exact after they reconnected', async () => {
    await crowd('killed', CROWD);
    for (const [turn, victim] of childrenOf(server.pid).entries()) {
      const before = viewers.map(({ connections }) => connections);
      process.kill(victim, 'SIGKILL');
      await eventually(async () => {
        await post(server.url, 'killed', {}).catch(() => undefined);
        expect(childrenOf(server.pid)).not.toContain(victim);
        await expectReady(2);
      }, REPLACED_MS);
      const cut = viewers.filter(({ connections }, n) => connections !== before[n]);
      expect(cut.length).toBeGreaterThan(0);
      // After the first kill, all viewers are connected to the other worker.
      if (turn === 0) expect(cut.length).toBeLessThan(CROWD);
    }
    await untilCounted(server.url, 'killed');
    await expectTotals('killed', await totalOf(server.url, 'killed'));
    await eventually(async () =>
      expect(await metric(server.adminUrl, 'likestream_viewers')).toBe(CROWD),
    );
  });

  it('end with their primary, and lose nothing when it is started again', async () => {
    await crowd('primary', 8);
    await post(server.url, 'primary', { likes: range(7).map(() => ({})) });
    const workers = childrenOf(server.pid);
    expect(workers).toHaveLength(2);
    await server.kill();
    await eventually(() => expect(workers.filter(isAlive)).toEqual([]));
    server = await server.startAgain();
    await post(server.url, 'primary', {});
    await expectTotals('primary', 8);
  });
});

describe('the public port of workers', () => {
  it('answers like that of a single process', async () => {
    const alone = await Server.start();
    const requests: readonly [string, string, unknown?][] = [
      ['GET', '/'],
      ['GET', '/nowhere'],
      ['DELETE', '/videos/a/likes'],
      ['POST', '/videos/a/likes', '{'],
      ['POST', '/videos/a/likes', { reaction: 'hate' }],
      ['POST', '/videos/a/likes', 'x'.repeat(20_000)],
      ['POST', '/videos/a/likes', 'x'.repeat(1_000_000)],
      ['POST', '/videos/a/likes', { likeId: 'a' }],
      ['POST', '/videos/a/likes', { likeId: 'a' }],
      ['GET', '/videos/a%20b/likes'],
      ['GET', '/videos/%ff/likes'],
      ['HEAD', '/videos/a/likes'],
      ['GET', '/stream?channel=planet:1'],
      ['POST', '/stream'],
      ['POST', '/renewals', {}],
      ['POST', '/memberships', {}],
      ['POST', '/metrics', {}],
    ];
    for (const [method, path, body] of requests) {
      const answers = [alone, server].map(async ({ url }) => {
        const { status, headers } = await call(url, method, path, { body });
        return [method, path, status, headers['content-type'], headers.allow];
      });
      const [expected, found] = await Promise.all(answers);
      expect(found).toEqual(expected);
    }
  });

  it('does not forward requests to the internal ports', async () => {
    const worker = { id: 'intruder', url: 'http://127.0.0.1:1' };
    for (const path of ['/renewals', '/memberships', '/metrics', '/deliveries']) {
      const body = { worker, digest: [], join: ['video:x'], leave: [], buckets: [] };
      const answer = await call(server.url, 'POST', path, { body });
      expect([path, answer.status, problemIn(answer).code]).toEqual([path, 404, 'not_found']);
    }
  });

  it('connects to no other server that a request line names', async () => {
    const heard: string[] = [];
    const stranger = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
      socket.on('error', () => undefined);
      socket.end();
    });
    const port = await new Promise<number>((resolve) => {
      stranger.listen(0, '127.0.0.1', () => resolve((stranger.address() as { port: number }).port));
    });
    for (const target of [
      `//127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}/`,
      `/\\127.0.0.1:${port}/`,
    ]) {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      socket.resume();
      await once(socket, 'close');
    }
    await new Promise((resolve) => stranger.close(resolve));
    expect(heard).toEqual([]);
  });
});
