import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { eventually, post, range, tapId } from './api';
import { endServers, Server } from './server';
import { rowsIn } from './store';
import { StreamClient } from './stream-client';

const SOON_MS = 8_000;

const viewers: StreamClient[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(endServers);

function watch(server: Server, video: string): StreamClient {
  const viewer = new StreamClient(server.url, [`video:${video}`]);
  viewers.push(viewer);
  return viewer;
}

function say(server: Server, text: string): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  sockets.push(socket);
  return socket;
}

/** Resolves when the server has accepted all connections, and read all bytes, of before. */
async function untilRead(server: Server): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.connecting && once(socket, 'connect')));
  // The server accepts and reads in the order of arrival, so the earlier bytes are read, too.
  await post(server.url, 'read', {});
}

async function expectSoon(server: Server): Promise<void> {
  const began = Date.now();
  const { code, signal, stderr } = await server.stop();
  expect([code, signal, stderr]).toEqual([0, null, '']);
  expect(Date.now() - began).toBeLessThan(SOON_MS);
}

describe('SIGTERM', () => {
  it('sends each viewer a time to come back, spread over time, and ends with 0', async () => {
    const server = await Server.start({ env: { DRAIN_SPREAD_MS: '4000' } });
    const crowd = range(20).map(() => watch(server, 'drain'));
    await Promise.all(crowd.map((viewer) => viewer.next('snapshot')));
    await expectSoon(server);
    for (const viewer of crowd) {
      await eventually(() => expect(viewer.ended).toBe(true));
      const last = viewer.events.at(-1);
      expect(last?.name).toBe('bye');
      expect(last?.data.reason).toMatch(/./);
      expect(viewer.retries.at(-1)).toBe(last?.data.retryMs);
    }
    const times = crowd.map((viewer) => viewer.retries.at(-1) ?? 0);
    expect(new Set(times).size).toBeGreaterThan(15);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2_000);
  });

  it('ends with 0 while idle connections are open', async () => {
    const server = await Server.start();
    const agent = new Agent({ keepAlive: true });
    await post(server.url, 'idle', {}, { agent });
    for (const _ of range(5)) say(server, '');
    await untilRead(server);
    await expectSoon(server);
    agent.destroy();
  });

  it('ends with 0 while a request is incomplete', async () => {
    const server = await Server.start();
    say(server, 'GET /stre');
    say(server, 'POST /videos/a/likes HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"like');
    await untilRead(server);
    await expectSoon(server);
  });

  it('ends with 0 if it comes twice, and SIGINT does the same', async () => {
    const server = await Server.start();
    process.kill(server.pid, 'SIGINT');
    process.kill(server.pid, 'SIGTERM');
    await expectSoon(server);
  });

  it.each(['0', '2'])('loses no answered like while likes are posted (WORKERS=%s)', async (n) => {
    const server = await Server.startToReturn({ env: { WORKERS: n } });
    const answered = new Set<string>();
    let isOver = false;
    const agent = new Agent({ keepAlive: true });
    const clients = range(8).map(async () => {
      while (!isOver) {
        const likes = range(3).map(() => ({ likeId: tapId() }));
        const answer = await post(server.url, 'term', { likes }, { agent }).catch(() => undefined);
        if (answer?.status === 201) for (const { likeId } of likes) answered.add(likeId);
      }
    });
    await eventually(() => expect(answered.size).toBeGreaterThan(50));
    const ended = await server.stop();
    isOver = true;
    await Promise.all(clients);
    agent.destroy();
    expect(ended.code).toBe(0);
    const stored = new Set((await rowsIn(server.dataDir, 'term')).map(({ likeId }) => likeId));
    expect([...answered].filter((likeId) => !stored.has(likeId))).toEqual([]);
    const again = await server.startAgain();
    const viewer = watch(again, 'term');
    await viewer.next('snapshot');
    await eventually(() => expect(viewer.total('video:term')).toBe(stored.size));
    expect((await again.stop()).code).toBe(0);
  });
});

// Npm hands a signal to the shell alone, and a shell ends by it without handing it on.
describe('SIGTERM to the shell of npx', () => {
  it.each(['0', '2'])('ends the server in order (WORKERS=%s)', async (n) => {
    const env = { npm_lifecycle_script: "'likestream'", WORKERS: n };
    const server = await Server.start({ env, within: ['sh', '-c', '"$@"; exit $?', 'sh'] });
    const viewer = watch(server, 'npx');
    await viewer.next('snapshot');
    const { code, signal, stderr } = await server.stop();
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    // The number of viewers changes when they leave; the worker that should hear it may have ended.
    const lines = stderr.split('\n').filter((line) => line && !line.includes('"doing":"deliver"'));
    expect(lines).toEqual([]);
    expect((await viewer.next('bye')).data.reason).toMatch(/./);
    const again = await server.startAgain();
    expect((await again.stop()).stderr).toBe('');
  });
});
