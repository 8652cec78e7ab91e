import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import Koa from 'koa';
import { readJson } from '../../../runtime/body';
import { systemClock } from '../../../runtime/clock';
import { type HttpServer, openHttpServer } from '../../../runtime/http-server';
import { ConnectionLimit } from '../../../runtime/limits/connection-limit';
import { connectionsWithin, descriptorLimit } from '../../../runtime/limits/descriptors';

const MOST = 10;
const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n';

const opened: HttpServer[] = [];
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

/** A server that may have few connections, with a clock of its own for their limit. */
async function start(more: { mostOfAddress?: number; elsewhere?: () => number } = {}) {
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx) => {
    await readJson(ctx.req);
    ctx.body = 'done';
  });
  const limited: string[] = [];
  const clock = { now: 0, monotonic: () => clock.now };
  const connections = new ConnectionLimit({
    ...{ most: MOST, clock, ...more },
    limited: (limit, count) => limited.push(`${limit} ${count}`),
  });
  const listen = { port: 0, host: '127.0.0.1' };
  const server = await openHttpServer(app, listen, systemClock, { connections });
  opened.push(server);
  return { clock, limited, server };
}

/** Connects, sends a text, and waits until the server has received it. */
async function open({ port }: HttpServer, text = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.resume();
  clients.push(socket);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

/** A whole request on a connection; its answer, or nothing if the connection was closed. */
async function like(socket: Socket): Promise<string> {
  socket.write(`${HEAD}{}`);
  const closed = once(socket, 'close').then(() => '');
  const answered = once(socket, 'data').then(([chunk]) => String(chunk).slice(0, 12));
  return Promise.race([answered, closed]);
}

describe('ConnectionLimit', () => {
  it('closes connections without a request, so that a new one is answered', async () => {
    const { clock, limited, server } = await start();
    for (let at = 0; at < 5 * MOST; at++) {
      clock.now += 1_000;
      await open(server);
    }
    clock.now += 1_000;
    expect(await like(await open(server))).toBe('HTTP/1.1 200');
    expect(limited).toContain('connections 2');
  });

  it('closes those with half a request before idle ones', async () => {
    const { clock, server } = await start();
    const idle: Socket[] = [];
    for (let at = 0; at < 4; at++) {
      const socket = await open(server);
      await like(socket);
      idle.push(socket);
    }
    for (let at = 0; at < 3 * MOST; at++) {
      clock.now += 1_000;
      await open(server, `${HEAD}{`);
    }
    for (const socket of idle) expect(await like(socket)).toBe('HTTP/1.1 200');
  });

  it('refuses a new one if it has just looked, and nothing waits', async () => {
    const { clock, limited, server } = await start({ elsewhere: () => MOST });
    clock.now += 1_000;
    const [refused] = await Promise.all([open(server), open(server)]);
    if (!refused.closed) await once(refused, 'close');
    expect(limited).toContain('connections 1');
  });

  it('refuses those of an address that has many, until one is closed', async () => {
    const { limited, server } = await start({ mostOfAddress: 2 });
    const [first] = await Promise.all([open(server), open(server)]);
    await like(first);
    const refused = await open(server);
    if (!refused.closed) await once(refused, 'close');
    expect(limited).toEqual(['connections_of_address 1']);
    first.destroy();
    for (;;) if ((await like(await open(server))) === 'HTTP/1.1 200') break;
  });
});

describe('the descriptors', () => {
  it('are read from the platform', () => {
    const text =
      'Max processes 10 20 processes\nMax open files            2048       4096    files\n';
    expect(descriptorLimit(() => text)).toBe(2_048);
    expect(descriptorLimit(() => '')).toBe(Infinity);
    const fail = (): string => {
      throw new Error('no such file');
    };
    expect(descriptorLimit(fail)).toBe(Infinity);
  });

  it.each([
    [2_048, 1_536],
    [1_000_000, 998_976],
    [1, 1],
    [Infinity, Infinity],
  ])('%d leave room for %d connections', (descriptors, connections) => {
    expect(connectionsWithin(descriptors)).toBe(connections);
  });
});
