import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import '../fixtures/same-runs';
import { systemClock } from '../../runtime/clock';
import {
  MAX_REQUESTS_IN_FLIGHT,
  MAX_STARTS_OF_TURN,
  PipelineQueue,
} from '../../runtime/pipelining';
import { EchoServer } from './echo-server';

const echo = new EchoServer();
let socket: Socket;
let answers = '';

beforeAll(() => echo.open());
afterAll(() => echo.close());
beforeEach(async () => {
  Object.assign(echo, { inFlight: 0, most: 0, begun: 0, parsed: 0, padding: '' });
  answers = '';
  socket = connect(echo.port, '127.0.0.1');
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

/** Writes requests with at most `depth` of them unanswered; resolves with the echoed answers. */
function pipelined(depth: number, requests: readonly string[]): Promise<string[]> {
  let written = 0;
  const writeOn = (): void => {
    const upTo = Math.min(requests.length, echoed().length + depth);
    if (upTo > written) socket.write(requests.slice(written, upTo).join(''));
    written = upTo;
  };
  writeOn();
  socket.on('data', writeOn);
  return until(() => echoed().length === requests.length).then(echoed);
}

const kinds: [string, (at: number) => string][] = [
  ['the shortest requests', get],
  ['requests with a body', (at) => post(`/${at}`, '{}')],
  ['requests with a chunked body', (at) => chunked(`/${at}`, '{}')],
];

describe('a connection with up to 16 requests in flight', () => {
  it.each(kinds)('gets all answers, in order: %s', async (_, request) => {
    const answered = await pipelined(MAX_REQUESTS_IN_FLIGHT, numbers(1_500).map(request));
    expect(answered.map((text) => text.split(' ')[0])).toEqual(
      numbers(1_500).map((at) => `/${at}`),
    );
    expect(echo.most).toBeLessThanOrEqual(MAX_REQUESTS_IN_FLIGHT);
  });

  it('gets all answers if it reads them late', async () => {
    echo.padding = 'x'.repeat(400_000);
    socket.pause();
    socket.write(numbers(MAX_REQUESTS_IN_FLIGHT).map(get).join(''));
    await until(() => echo.begun === MAX_REQUESTS_IN_FLIGHT);
    socket.resume();
    await until(() => echoed().length === MAX_REQUESTS_IN_FLIGHT);
  });

  it('gets answers to its valid requests, then one refusal of the first invalid one', async () => {
    socket.write(`${numbers(12).map(get).join('')}no HTTP\r\n\r\n${get(13).repeat(100)}`);
    await once(socket, 'close');
    expect(echoed()).toEqual(numbers(12).map((at) => `/${at} `));
    expect(answers.slice(answers.indexOf('HTTP/1.1 400'))).toContain('"malformed_request"');
    expect(answers.match(/HTTP\/1.1 400/g)).toHaveLength(1);
    expect(echo.begun).toBe(12);
  });
});

describe('a connection with more than 16 requests in flight', () => {
  beforeEach(() => echo.hold());

  /** Answers the first 16 requests after the server has parsed all that it will parse. */
  async function answerFirst(): Promise<void> {
    await until(() => echo.begun === MAX_REQUESTS_IN_FLIGHT);
    // By the time of this answer, no more requests of the other connection can begin.
    await (await fetch(`http://127.0.0.1:${echo.port}/free`)).text();
    echo.release();
    await once(socket, 'close');
  }

  it.each(kinds)('gets 16 answers, then one 503, and is closed: %s', async (_, request) => {
    socket.write(numbers(20_000).map(request).join(''));
    await answerFirst();
    const first = numbers(MAX_REQUESTS_IN_FLIGHT).map((at) => `/${at}`);
    expect(echoed().map((text) => text.split(' ')[0])).toEqual(first);
    const refusal = answers.slice(answers.indexOf('HTTP/1.1 503'));
    expect(refusal).toMatch(/^Retry-After: 1\r$/m);
    expect(refusal).toMatch(/^Connection: close\r$/m);
    expect(refusal).toContain('"too_many_pipelined"');
    expect(answers.match(/HTTP\/1.1 /g)).toHaveLength(MAX_REQUESTS_IN_FLIGHT + 1);
    expect(echo.begun).toBe(MAX_REQUESTS_IN_FLIGHT);
  });

  it('is parsed no further than the refused request', async () => {
    socket.write(numbers(20_000).map(get).join(''));
    await answerFirst();
    const parsedOfFetch = 1;
    expect(echo.parsed).toBe(MAX_REQUESTS_IN_FLIGHT + 1 + parsedOfFetch);
  });

  it('gets no refusal of invalid bytes behind the 503', async () => {
    socket.write(`${numbers(17).map(get).join('')}no HTTP\r\n\r\n`);
    await answerFirst();
    expect(answers).not.toContain('HTTP/1.1 400');
    expect(answers.match(/HTTP\/1.1 /g)).toHaveLength(MAX_REQUESTS_IN_FLIGHT + 1);
  });
});

describe('many connections with many requests at once', () => {
  const many = numbers(40);

  it('have a few pipelined requests started in each turn of the event loop, in order', () => {
    const turns: (() => void)[] = [];
    const after = (_: number, turn: () => void) => {
      turns.push(turn);
      return { cancel: () => undefined };
    };
    const queue = new PipelineQueue({ ...systemClock, after });
    const started: number[] = [];
    const count = 2 * MAX_STARTS_OF_TURN + 1;
    for (const at of numbers(count)) queue.add(() => started.push(at));
    const sizes = [];
    for (let turn = turns.shift(); turn; turn = turns.shift()) {
      turn();
      sizes.push(started.length);
    }
    expect(sizes).toEqual([MAX_STARTS_OF_TURN, 2 * MAX_STARTS_OF_TURN, count]);
    expect(started).toEqual(numbers(count));
  });

  it('do not disturb others if they are cut off', async () => {
    const cut = many.map(() => connect(echo.port, '127.0.0.1'));
    echo.hold();
    for (const other of cut) other.write(numbers(MAX_REQUESTS_IN_FLIGHT).map(get).join(''));
    await until(() => echo.begun >= many.length);
    for (const other of cut) other.destroy();
    echo.release();
    const answered = await pipelined(MAX_REQUESTS_IN_FLIGHT, numbers(100).map(get));
    expect(answered).toHaveLength(100);
  });
});

describe('requests of any size', () => {
  const requests = fc.array(
    fc.record({ bytes: fc.oneof(fc.nat(300), fc.nat(200_000)), isChunked: fc.boolean() }),
    { minLength: 1, maxLength: MAX_REQUESTS_IN_FLIGHT },
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

  it('is refused after the complete requests before it are answered', async () => {
    const invalid = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n';
    echo.hold();
    socket.write(numbers(3).map(get).join('') + invalid);
    await until(() => echo.begun === 4);
    await (await fetch(`http://127.0.0.1:${echo.port}/free`)).text();
    expect(answers).toBe('');
    echo.release();
    await once(socket, 'close');
    expect(echoed()).toEqual(numbers(3).map((at) => `/${at} `));
    expect(answers.lastIndexOf('HTTP/1.1 200')).toBeLessThan(answers.indexOf('HTTP/1.1 400'));
    expect(answers.match(/HTTP\/1.1 400/g)).toHaveLength(1);
  });
});
