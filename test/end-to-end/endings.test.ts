import { connect, type Socket } from 'node:net';
import { call, eventually, metric, post, range, totalOf } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

const LINGER_MS = 5_000;

const viewers: StreamClient[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(endServers);

function watch(server: Server, video: string, reconnects = false): StreamClient {
  const viewer = new StreamClient(server.url, [`video:${video}`], { reconnects });
  viewers.push(viewer);
  return viewer;
}

/** A connection that sends just this text. */
function say(server: Server, text: string): Socket & { heard: string } {
  const socket = Object.assign(connect(server.port, '127.0.0.1'), { heard: '' });
  socket.on('data', (chunk: Buffer) => {
    socket.heard += chunk;
  });
  socket.on('error', () => undefined);
  socket.write(text);
  sockets.push(socket);
  return socket;
}

function streamRequest(video: string): string {
  return `GET /stream?channel=video:${video} HTTP/1.1\r\nHost: x\r\n\r\n`;
}

function connectionsOf(crowd: readonly StreamClient[]): number {
  return crowd.reduce((all, { connections }) => all + connections, 0);
}

async function expectHeld(server: Server, what: string, count: number, ms: number): Promise<void> {
  const name = `likestream_${what}`;
  await eventually(async () => expect(await metric(server.adminUrl, name)).toBe(count), ms);
}

describe('a viewer that goes away', () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });

  it('leaves no viewer and no channel, at whatever byte it ends', async () => {
    const request = streamRequest('away');
    // A viewer goes before its answer, or after one of these parts of it.
    const MOMENTS = ['', 'HTTP/1.1 200', 'event: ready', 'event: snapshot'];
    for (const n of range(120)) {
      const cut = n % 3 === 0 ? Math.floor((request.length * n) / 120) : request.length;
      const socket = say(server, request.slice(0, cut));
      const twice = n % 5 === 0 ? say(server, request + request) : undefined;
      const sent = MOMENTS[n % MOMENTS.length] ?? '';
      if (cut === request.length) await eventually(() => expect(socket.heard).toContain(sent));
      if (n % 10 === 0) await post(server.url, 'away', {});
      if (n % 4) socket.destroy();
      else socket.end();
      twice?.destroy();
    }
    const viewer = watch(server, 'away-2');
    const { data } = await viewer.next('ready');
    viewer.close();
    await call(server.url, 'PUT', `/stream/${data.connectionId}/channels/video:away-3`);
    await expectHeld(server, 'viewers', 0, 2_000);
    await expectHeld(server, 'channels', 0, LINGER_MS + 3_000);
  });

  it('and comes back within 5 s finds its channel still there', async () => {
    const first = watch(server, 'linger');
    await first.next('snapshot');
    first.close();
    await expectHeld(server, 'viewers', 0, 2_000);
    await expectHeld(server, 'channels', 1, 0);
    const second = watch(server, 'linger');
    await second.next('snapshot');
    // A channel that is left later is released later: then the first one's time is over, too.
    const later = watch(server, 'linger-2');
    await later.next('snapshot');
    later.close();
    await expectHeld(server, 'channels', 2, 2_000);
    await expectHeld(server, 'channels', 1, LINGER_MS + 3_000);
    await post(server.url, 'linger', {});
    await second.next('likes');
    expect(await metric(server.adminUrl, 'likestream_channels')).toBe(1);
  });

  it('is exact after it reconnected: 200 viewers, cut at random while likes arrive', async () => {
    const crowd = range(200).map(() => watch(server, 'cuts', true));
    await Promise.all(crowd.map((viewer) => viewer.next('snapshot', undefined, 10_000)));
    for (const turn of range(40)) {
      await post(server.url, 'cuts', { likes: range((turn % 4) + 1).map(() => ({})) });
      const before = connectionsOf(crowd);
      const cut = crowd.filter(() => Math.random() < 0.1);
      for (const viewer of cut) viewer.cut();
      // The rest of them reconnect while the next likes arrive.
      await eventually(() =>
        expect(connectionsOf(crowd)).toBeGreaterThanOrEqual(before + cut.length / 2),
      );
    }
    for (const viewer of crowd) {
      await eventually(() => expect(viewer.total('video:cuts')).toBe(100));
      expect(viewer.faults).toEqual([]);
      expect(viewer.all('snapshot')).toHaveLength(1);
    }
    expect(await totalOf(server.url, 'cuts')).toBe(100);
    expect(connectionsOf(crowd)).toBeGreaterThan(500);
  });
});

describe('requests one after the other on one connection', () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });

  const like = 'POST /videos/piped/likes HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';

  it('behind a stream are not answered, and the stream continues or ends', async () => {
    const page = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const behind of [like, page, streamRequest('other')]) {
      const socket = say(server, streamRequest('piped') + behind);
      await eventually(() => expect(socket.heard).toContain('event: ready'));
      await post(server.url, 'piped', {});
      const wentOn = (): boolean => socket.heard.includes('event: likes') || socket.closed;
      await eventually(() => expect(wentOn()).toBe(true));
      expect(socket.heard.match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(socket.heard).not.toContain('video:other');
      socket.destroy();
    }
    await expectHeld(server, 'viewers', 0, 2_000);
  });

  it('before a stream are answered, and the stream begins or the connection ends', async () => {
    for (const _ of range(10)) {
      const socket = say(server, like + streamRequest('before'));
      await eventually(() => expect(socket.heard + socket.closed).toMatch(/event: snapshot|true/));
      socket.destroy();
    }
    await expectHeld(server, 'viewers', 0, 2_000);
    expect((await post(server.url, 'piped', {})).status).toBe(201);
  });
});

describe('a server that is full', () => {
  it('answers 200 with a bye and a retry time, and accepts viewers after others left', async () => {
    const server = await Server.start({ env: { MAX_VIEWERS: '3' } });
    const crowd = range(3).map(() => watch(server, 'full'));
    await Promise.all(crowd.map((viewer) => viewer.next('snapshot')));
    const refused = range(4).map(() => watch(server, 'full'));
    const byes = await Promise.all(refused.map((viewer) => viewer.next('bye')));
    for (const viewer of refused) {
      await eventually(() => expect(viewer.ended).toBe(true));
      expect(viewer.statuses).toEqual([200]);
      expect(viewer.headers['content-type']).toMatch(/^text\/event-stream/);
      expect(viewer.events.map(({ name }) => name)).toEqual(['bye']);
      expect(viewer.retries).toEqual([viewer.events[0]?.data.retryMs]);
    }
    expect(byes[0]?.data.reason).toBe('full');
    expect(new Set(byes.map(({ data }) => data.retryMs)).size).toBeGreaterThan(1);
    crowd[0]?.close();
    await expectHeld(server, 'viewers', 2, 2_000);
    await watch(server, 'full').next('snapshot');
  });
});
