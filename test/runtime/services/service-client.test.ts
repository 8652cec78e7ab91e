import { request } from 'undici';
import { z } from 'zod';
import { readJson } from '../../../runtime/body';
import { ServiceClient } from '../../../runtime/services/service-client';
import { CALL_HEADER, MEMBER_HEADER } from '../../../runtime/services/signed-call';
import { identityOf, type OpenServer, openService, SECRET } from '../../contract/service-server';

const answer = z.object({ calls: z.number() });

/** What one call looked like on the network. */
interface Recorded {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Ground {
  readonly server: OpenServer;
  readonly bodies: unknown[];
  readonly recorded: Recorded[];
  /** The paths of the calls. */
  readonly urls: string[];
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(secret = SECRET): Promise<Ground> {
  const [bodies, recorded, urls]: [unknown[], Recorded[], string[]] = [[], [], []];
  const server = await openService((router) => {
    router.all(['/add', '/other', '/v/*rest'], async (ctx) => {
      const body = await readJson(ctx.req);
      bodies.push(body);
      urls.push(ctx.url);
      const headers = {
        [CALL_HEADER]: ctx.get(CALL_HEADER),
        [MEMBER_HEADER]: ctx.get(MEMBER_HEADER),
      };
      recorded.push({
        ...{ method: 'POST', url: `${server.url}/add`, headers },
        body: JSON.stringify(body),
      });
      ctx.body = { calls: bodies.length };
    });
  }, secret);
  closing.push(server.close);
  return { server, bodies, recorded, urls };
}

function client(secret = SECRET): ServiceClient {
  const made = new ServiceClient(identityOf(secret));
  closing.push(() => made.close());
  return made;
}

async function send({ body, headers, method, url }: Recorded) {
  const { body: text, statusCode } = await request(url, { method, headers, body });
  await text.dump();
  return statusCode;
}

it('a signed call is executed once, though the boot id is not known at first', async () => {
  const { bodies, server } = await open();
  const caller = client();
  expect(await caller.post(`${server.url}/add`, { n: 1 }, answer)).toEqual({ calls: 1 });
  expect(await caller.post(`${server.url}/add`, { n: 2 }, answer)).toEqual({ calls: 2 });
  expect(bodies).toEqual([{ n: 1 }, { n: 2 }]);
});

it('of 200 calls at once, each one is executed once', async () => {
  const { bodies, server } = await open();
  const caller = client();
  await caller.post(`${server.url}/add`, {}, answer);
  const calls = Array.from({ length: 200 }, (_, n) =>
    caller.post(`${server.url}/add`, { n }, answer),
  );
  await Promise.all(calls);
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(201);
  expect(bodies).toHaveLength(201);
});

it.each(['/v/../w', '/v/%2e%2e/w', '/v/.', '/v/{a}', '/v/a"b', "/v/a?b='", '/add?'])(
  'a call of the path %s is executed, and its path is not changed',
  async (path) => {
    const { server, urls } = await open();
    const answer = await client().call(server.url, { method: 'POST', path, body: '' });
    expect([answer.status, urls]).toEqual([200, [path]]);
  },
);

it('the answer to a HEAD is believed, though it has no body', async () => {
  const { server } = await open();
  const answer = await client().call(server.url, { method: 'HEAD', path: '/add', body: '' });
  expect([answer.status, answer.body.length]).toEqual([200, 0]);
});

it('a recorded call that is sent again is refused', async () => {
  const { bodies, recorded, server } = await open();
  await client().post(`${server.url}/add`, { n: 1 }, answer);
  for (const call of [...recorded]) expect(await send(call)).toBe(401);
  expect(bodies).toHaveLength(1);
});

it('a recorded call that is sent to another process, or after a restart, is refused', async () => {
  const [first, second] = [await open(), await open()];
  await client().post(`${first.server.url}/add`, { n: 1 }, answer);
  const [call] = first.recorded;
  if (!call) throw new Error('no call');
  expect(await send({ ...call, url: `${second.server.url}/add` })).toBe(401);
  expect(second.bodies).toEqual([]);
});

describe('a call that was altered on its way is refused', () => {
  it.each<[string, (call: Recorded) => Recorded]>([
    ['body', (call) => ({ ...call, body: '{"n":2}' })],
    ['path', (call) => ({ ...call, url: call.url.replace('/add', '/other') })],
    ['query', (call) => ({ ...call, url: `${call.url}?a=1` })],
    ['method', (call) => ({ ...call, method: 'PUT' })],
    ['member', (call) => ({ ...call, headers: { ...call.headers, [MEMBER_HEADER]: 'eyJ9' } })],
    ['number', (call) => withHeader(call, (parts) => parts.with(2, '999'))],
    ['sender', (call) => withHeader(call, (parts) => parts.with(0, 'other'))],
    ['code', (call) => withHeader(call, (parts) => parts.with(3, 'AAAA'))],
    ['no header', (call) => ({ ...call, headers: {} })],
  ])('%s', async (_, alter) => {
    const { bodies, recorded, server } = await open();
    await client().post(`${server.url}/add`, { n: 1 }, answer);
    const [call] = recorded;
    if (!call) throw new Error('no call');
    expect(await send(alter(call))).toBe(401);
    expect(bodies).toHaveLength(1);
  });
});

it('a process with another secret gets nothing, and is not believed', async () => {
  const { bodies, server } = await open('another secret');
  const called = client().post(`${server.url}/add`, { n: 1 }, answer);
  await expect(called).rejects.toMatchObject({ code: 'peer_unavailable' });
  expect(bodies).toEqual([]);
});

it('an answer without a code is not believed', async () => {
  const { createServer } = await import('node:http');
  const rogue = createServer((_, res) => res.end('{"calls":1}'));
  await new Promise<void>((resolve) => rogue.listen(0, '127.0.0.1', resolve));
  closing.push(async () => void rogue.close());
  const address = rogue.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const called = client().post(`http://127.0.0.1:${port}/add`, {}, answer);
  await expect(called).rejects.toMatchObject({ code: 'peer_unavailable' });
});

it('while a secret is replaced, processes before and after it call each other', async () => {
  const secrets = ['old', 'old, new', 'new, old', 'new'];
  for (const [at, secret] of secrets.entries()) {
    for (const other of secrets.slice(Math.max(0, at - 1), at + 2)) {
      const { server } = await open(other);
      expect(await client(secret).post(`${server.url}/add`, {}, answer)).toEqual({ calls: 1 });
    }
  }
});

function withHeader(call: Recorded, change: (parts: string[]) => string[]): Recorded {
  const header = change((call.headers[CALL_HEADER] ?? '').split(' ')).join(' ');
  return { ...call, headers: { ...call.headers, [CALL_HEADER]: header } };
}
