import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import Koa from 'koa';
import '../fixtures/same-runs';
import { readText } from '../../runtime/body';
import { systemClock } from '../../runtime/clock';
import { type Door, openDoor } from '../../runtime/http-server';
import { MAX_PIPELINED, MAX_REQUESTS_IN_FLIGHT } from '../../runtime/pipelining';

const MAX_BODY_BYTES = 1024 * 1024;

/** The most bytes that the server may read ahead of a connection: three reads and some requests. */
const MAX_READ_BYTES = 192 * 1024;

/** A server that answers each request with its path and body, once the test allows it. */
class Echo {
  door!: Door;
  inFlight = 0;
  most = 0;
  begun = 0;
  bytesRead = () => 0;
  isClosed = () => false;
  /** The bytes that each answer has besides the path and body. */
  padding = '';
  private isHeld = false;
  private waiting: (() => void)[] = [];

  async open(): Promise<void> {
    const app = new Koa();
    app.use(async (ctx) => {
      if (ctx.path === '/free') return;
      this.begun++;
      this.inFlight++;
      this.most = Math.max(this.most, this.inFlight);
      this.bytesRead = () => ctx.req.socket.bytesRead;
      this.isClosed = () => ctx.req.socket.closed;
      const body = await readText(ctx.req, MAX_BODY_BYTES);
      if (this.isHeld) await new Promise<void>((resolve) => this.waiting.push(resolve));
      this.inFlight--;
      ctx.body = `<${ctx.path} ${body}>${this.padding}`;
    });
    this.door = await openDoor(app, { port: 0, host: '127.0.0.1' }, systemClock);
  }

  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    for (const go of this.waiting.splice(0)) go();
  }
}

const echo = new Echo();
let socket: Socket;
let answers = '';

beforeAll(() => echo.open());
afterAll(() => echo.door.close());
beforeEach(async () => {
  Object.assign(echo, { inFlight: 0, most: 0, begun: 0, padding: '' });
  answers = '';
  socket = connect(echo.door.port, '127.0.0.1');
  socket.on('data', (chunk) => {
    answers += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
});
afterEach(() => socket.destroy());

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function chunked(path: string, body: string): string {
  const chunks = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
}

function echoed(): string[] {
  return [...answers.matchAll(/<([^>]*)>/g)].map(([, text = '']) => text);
}

/** Resolves once `check` holds; checks it in every turn of the event loop. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}

const get = (at: number) => `GET /${at} HTTP/1.1\r\nHost: x\r\n\r\n`;
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('a connection with many requests at once', () => {
  it.each([
    ['the shortest requests', get],
    ['requests with a body', (at: number) => post(`/${at}`, '{}')],
    ['requests with a chunked body', (at: number) => chunked(`/${at}`, '{}')],
  ])('has at most 16 of them begun, and all answered in order: %s', async (_, request) => {
    socket.write(numbers(1_500).map(request).join(''));
    await until(() => echoed().length === 1_500);
    expect(echoed().map((text) => text.split(' ')[0])).toEqual(
      numbers(1_500).map((at) => `/${at}`),
    );
    expect(echo.most).toBeLessThanOrEqual(MAX_REQUESTS_IN_FLIGHT);
  });

  it('is read no further while 16 are in flight, and again once they are answered', async () => {
    echo.hold();
    socket.write(
      numbers(4_000)
        .map((at) => post(`/${at}`, '{}'))
        .join(''),
    );
    await until(() => echo.begun === MAX_REQUESTS_IN_FLIGHT);
    // This answer comes after all requests that the other connection's bytes could have begun.
    await (await fetch(`http://127.0.0.1:${echo.door.port}/free`)).text();
    expect(echo.begun).toBe(MAX_REQUESTS_IN_FLIGHT);
    expect(echo.bytesRead()).toBeLessThan(MAX_READ_BYTES);
    echo.release();
    await until(() => echoed().length === 4_000);
  });

  it('is answered even if it reads its answers late', async () => {
    echo.padding = 'x'.repeat(10_000);
    socket.pause();
    socket.write(numbers(600).map(get).join(''));
    await until(() => echo.begun > MAX_REQUESTS_IN_FLIGHT);
    socket.resume();
    await until(() => echoed().length === 600);
    expect(echo.most).toBeLessThanOrEqual(MAX_REQUESTS_IN_FLIGHT);
  });

  it('gets answers to its valid requests, then one refusal of the first invalid one', async () => {
    socket.write(`${numbers(40).map(get).join('')}no HTTP\r\n\r\n${get(41).repeat(100)}`);
    await once(socket, 'close');
    expect(echoed()).toEqual(numbers(40).map((at) => `/${at} `));
    expect(answers.slice(answers.indexOf('HTTP/1.1 400'))).toContain('"malformed_request"');
    expect(answers.match(/HTTP\/1.1 400/g)).toHaveLength(1);
    expect(echo.begun).toBe(40);
  });
});

describe('many connections with many requests at once', () => {
  const many = numbers(40);
  const pipeline = numbers(100)
    .map((at) => post(`/${at}`, 'x'.repeat(at * 7)))
    .join('');

  it('have one begun each and few more in total, and all answered at the end', async () => {
    const others = many.map(() => connect(echo.door.port, '127.0.0.1'));
    let got = 0;
    for (const other of others) {
      other.on('data', (chunk) => {
        got += chunk.toString('latin1').split('<').length - 1;
      });
      other.write(pipeline);
    }
    await until(() => got === many.length * 100);
    expect(echo.most).toBeLessThanOrEqual(many.length + MAX_PIPELINED);
    for (const other of others) other.destroy();
  });

  it('do not block the event loop with requests that need no I/O', async () => {
    const before = echo.begun;
    let most = 0;
    let last = before;
    const other = connect(echo.door.port, '127.0.0.1');
    other.write(numbers(3_000).map(get).join(''));
    while (echo.begun < before + 3_000) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, echo.begun - last);
      last = echo.begun;
    }
    expect(most).toBeLessThanOrEqual(2 * MAX_REQUESTS_IN_FLIGHT);
    other.destroy();
  });

  it('release their whole budget when they are cut off', async () => {
    for (const round of many) {
      echo.hold();
      const other = connect(echo.door.port, '127.0.0.1');
      other.write(pipeline);
      await until(() => echo.begun >= (round + 1) * MAX_REQUESTS_IN_FLIGHT);
      other.destroy();
      echo.release();
      await until(() => echo.isClosed());
      echo.begun = (round + 1) * MAX_REQUESTS_IN_FLIGHT;
    }
  });
});

describe('requests of any size', () => {
  const requests = fc.array(
    fc.record({ bytes: fc.oneof(fc.nat(300), fc.nat(200_000)), isChunked: fc.boolean() }),
    { minLength: 1, maxLength: 40 },
  );

  it('arrive whole and in order, with any packets', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.integer({ min: 1, max: 100_000 }), async (sizes, cut) => {
        answers = '';
        const bodies = sizes.map(({ bytes }, at) => String(at % 10).repeat(bytes));
        const bytes = bodies
          .map((body, at) => (sizes[at]?.isChunked ? chunked : post)(`/${at}`, body))
          .join('');
        const packet = Math.max(cut, Math.ceil(bytes.length / 200));
        for (let at = 0; at < bytes.length; at += packet)
          socket.write(bytes.slice(at, at + packet));
        await until(() => echoed().length === bodies.length);
        expect(echoed()).toEqual(bodies.map((body, at) => `/${at} ${body}`));
        expect(echo.most).toBeLessThanOrEqual(MAX_REQUESTS_IN_FLIGHT);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a request with an invalid body', () => {
  it('is refused immediately, although it is in flight', async () => {
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n');
    await once(socket, 'close');
    expect(answers).toMatch(/^HTTP\/1.1 400 /);
  });
});
