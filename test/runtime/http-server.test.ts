import { connect, type Socket } from 'node:net';
import Koa from 'koa';
import { readJson } from '../../runtime/body';
import { systemClock } from '../../runtime/clock';
import { type HttpServer, openHttpServer } from '../../runtime/http-server';
import { LEAST_WRITES, Overload } from '../../runtime/overload';
import { problems } from '../../runtime/problems';
import { MAX_UNREAD_BYTES } from '../../runtime/unread-bodies';
import { eventually } from '../end-to-end/api';

const REQUEST_MS = 100;
const PIPELINED = 8;

let server: HttpServer;
let patient: HttpServer;
let release: (() => void) | undefined;
let begun: () => void;

beforeAll(async () => {
  const app = new Koa();
  app.silent = true;
  app.use(problems(() => undefined));
  app.use(async (ctx) => {
    if (ctx.path === '/slow') {
      await new Promise<void>((resolve) => {
        release = resolve;
        begun();
      });
    }
    if (ctx.path !== '/refused') await readJson(ctx.req);
    ctx.body = `<${ctx.path}>`;
  });
  const listen = { port: 0, host: '127.0.0.1' };
  server = await openHttpServer(app, listen, systemClock, { requestMs: REQUEST_MS });
  patient = await openHttpServer(app, listen, systemClock);
});
afterAll(() => Promise.all([server.close(), patient.close()]));

/** A connection that collects what it receives. */
function open({ port }: HttpServer): { socket: Socket; answer: Promise<string> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  const answer = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  return { socket, answer };
}

/** The whole answer to some bytes, until the server closes the connection. */
function answerTo(bytes: string, to = server): Promise<string> {
  const { answer, socket } = open(to);
  socket.write(bytes);
  return answer;
}

const HOST = 'Host: x\r\n';
const CLOSE = 'Connection: close\r\n';

const INVALID: readonly [string, string, number, string][] = [
  ['no HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
  ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400, 'malformed_request'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}host: y\r\n\r\n`, 400, 'malformed_request'],
  ['an unknown Expect', `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`, 417, 'expectation_failed'],
  [
    'a head that is far too large',
    `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(70_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a body that does not end',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{`,
    408,
    'request_timeout',
  ],
  ['a head that does not end', `POST / HTTP/1.1\r\n${HOST}`, 408, 'request_timeout'],
  [
    'an unknown coding',
    `POST / HTTP/1.1\r\n${HOST}${CLOSE}Content-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}`,
    415,
    'unsupported_coding',
  ],
];

describe('a server that receives an invalid request', () => {
  it.each(INVALID)('answers %s with a problem', async (_, bytes, status, code) => {
    const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/\r\nContent-Type: application\/problem\+json/);
    expect(JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1))).toMatchObject({
      status,
      code,
    });
  });

  it('closes a connection that sends nothing without an answer', async () => {
    expect(await open(server).answer).toBe('');
  });

  it('understands HTTP/1.0, which has no Host', async () => {
    expect(await answerTo('GET /old HTTP/1.0\r\n\r\n')).toContain('</old>');
  });
});

describe('a client that has sent its last request', () => {
  it('and ended its side gets the answer', async () => {
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { answer, socket } = open(patient);
    socket.end(`POST /slow HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}`);
    await isBegun;
    release?.();
    expect(await answer).toContain('</slow>');
  });
});

describe('a body that is still sent after the answer', () => {
  it('is read up to a bound, and then the connection is closed', async () => {
    const { answer, socket } = open(patient);
    socket.write(`POST /refused HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    let sent = 0;
    const writeOn = () => {
      while (!socket.destroyed && sent < 1_000 * MAX_UNREAD_BYTES) {
        sent += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on('drain', writeOn);
    writeOn();
    await answer;
    expect(sent).toBeLessThan(1_000 * MAX_UNREAD_BYTES);
  });
});

test('writes whose bodies arrive slowly take no place of others', async () => {
  const app = new Koa();
  app.use(async (ctx) => {
    ctx.body = await readJson(ctx.req);
  });
  const writes = new Overload({ clock: systemClock, utilization: () => 1 });
  const listen = { port: 0, host: '127.0.0.1' };
  const limited = await openHttpServer(app, listen, systemClock, { writes });
  const slow = Array.from({ length: LEAST_WRITES }, () => open(limited));
  // Each counts as much as its body will have.
  for (const { socket } of slow) {
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 16384\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
  }
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
  const first = await answerTo(post, limited);
  expect(first).toMatch(/^HTTP\/1.1 503 .*"overloaded"/s);
  expect(await answerTo(post, limited)).toMatch(/^HTTP\/1.1 200 /);
  for (const { socket } of slow) socket.destroy();
  writes.close();
  await limited.close();
});

test('writes of a connection that ends take no place of others, also pipelined ones', async () => {
  const app = new Koa();
  let began = 0;
  let release = () => undefined as unknown;
  const released = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  app.use(async (ctx) => {
    began += 1;
    await released;
    ctx.body = 'late';
  });
  const writes = new Overload({ clock: systemClock, utilization: () => 0 });
  const [enter, leave] = [jest.spyOn(writes, 'enter'), jest.spyOn(writes, 'leave')];
  const limited = await openHttpServer(app, { port: 0, host: '127.0.0.1' }, systemClock, {
    writes,
  });
  const { socket } = open(limited);
  socket.on('error', () => undefined);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}'.repeat(PIPELINED));
  await eventually(() => expect(began).toBe(PIPELINED));
  socket.resetAndDestroy();
  await eventually(() => expect(leave).toHaveBeenCalledTimes(PIPELINED));
  release();
  expect(enter).toHaveBeenCalledTimes(PIPELINED);
  writes.close();
  await limited.close();
  expect(leave).toHaveBeenCalledTimes(PIPELINED);
});

test('a write that is refused for overload has the headers of the app', async () => {
  const writes = new Overload({ clock: systemClock, utilization: () => 0 });
  jest.spyOn(writes, 'enter').mockReturnValue(false);
  const headersFor = () => ['Access-Control-Allow-Origin', 'https://shop.example'];
  const listen = { port: 0, host: '127.0.0.1' };
  const limited = await openHttpServer(new Koa(), listen, systemClock, { writes, headersFor });
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
  const answer = await answerTo(post, limited);
  expect(answer).toMatch(/^HTTP\/1.1 503 .*Access-Control-Allow-Origin: https:\/\/shop.example/s);
  expect(answer).toMatch(/Retry-After: \d+.*"overloaded"/s);
  writes.close();
  await limited.close();
});
