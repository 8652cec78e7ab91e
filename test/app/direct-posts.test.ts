import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import Router, { type RouterContext } from '@koa/router';
import { DirectPosts } from '../../app/direct-posts';
import { publicApp } from '../../app/public-app';
import { readJson } from '../../runtime/body';
import { Cookies } from '../../runtime/members/cookies';
import { Origins } from '../../runtime/origins';
import { MAX_PARSED_HEAD_BYTES } from '../../runtime/request-head';
import { LikestreamError } from '../../schemas/errors';
import { EventTypes } from '../../schemas/event-types';
import { type Answer, call } from '../end-to-end/api';

const ORIGINS = new Origins(['https://shop.example']);
const reported: string[] = [];
/** Of each request, whether it passed Koa's layers. */
const passed: boolean[] = [];
let server: Server;
let base: string;

function addRoutes(router: Router): void {
  const cookies = new Cookies({ sameSite: 'lax', isSecure: false });
  router.post('/videos/:id/echoes', async (ctx: RouterContext) => {
    passed.push('_matchedRoute' in ctx);
    const given = ctx.cookies.get('name');
    cookies.set(ctx, 'name', `${given ?? 'new'}!`, undefined);
    const body = await readJson(ctx.req);
    ctx.status = 'isNew' in body ? 201 : 200;
    ctx.body = { id: ctx.params.id, body, length: ctx.get('Content-Length') };
  });
  router.post('/videos/:id/faults', async (ctx: RouterContext) => {
    passed.push('_matchedRoute' in ctx);
    const { code } = (await readJson(ctx.req)) as { readonly code: 'too_soon' | undefined };
    if (!code) throw new Error('a fault');
    ctx.set('WWW-Authenticate', 'Bearer');
    throw new LikestreamError(code, 'detail', { retryAfterMs: 2_500 });
  });
}

beforeAll(async () => {
  const app = publicApp({
    ...{ addRoutes, origins: ORIGINS, hasPage: false, types: new EventTypes([]) },
    report: ({ code }) => reported.push(code),
  });
  server = createServer({ maxHeaderSize: MAX_PARSED_HEAD_BYTES }, app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  passed.length = 0;
  reported.length = 0;
});

type Sent = Parameters<typeof call>[3];

function comparable({ headers: { date: _, ...headers }, status, text }: Answer): unknown {
  return { headers, status, text };
}

/** The answer to a `POST`, which Koa must have answered in the same way. */
async function bothWays(path: string, sent: Sent): Promise<Answer> {
  const direct = await call(base, 'POST', path, sent);
  // The router ignores case, and the direct way does not know this path.
  const layered = await call(base, 'POST', path.replace('/videos', '/Videos'), sent);
  expect(passed).toEqual([false, true]);
  expect(comparable(direct)).toEqual(comparable(layered));
  return direct;
}

describe('a POST is answered as through Koa', () => {
  it.each<[string, Sent]>([
    ['without an origin', { body: { a: 'é' } }],
    ['of an allowed origin', { body: {}, headers: { Origin: 'https://shop.example' } }],
    ['of the same host', { body: {}, headers: { Origin: 'http://a.b', Host: 'a.b' } }],
    ['with a cookie', { body: { isNew: 1 }, headers: { Cookie: 'other=1; name=ann' } }],
    ['without a body', {}],
  ])('%s', async (_, sent) => {
    const answer = await bothWays('/videos/a.b-1/echoes', sent);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers.vary).toBe('Origin');
    expect(JSON.parse(answer.text).id).toBe('a.b-1');
  });

  it.each<[string, Sent, number]>([
    ['that is no JSON', { body: '{' }, 400],
    ['that is too large', { body: { a: 'x'.repeat(20_000) } }, 413],
    ['in an unknown coding', { body: 'x', headers: { 'Content-Encoding': 'x' } }, 415],
    ['that is no object', { body: '[1]', headers: { Origin: 'https://shop.example' } }, 400],
  ])('with a body %s', async (_, sent, status) => {
    const answer = await bothWays('/videos/1/echoes', sent);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('whose handler throws', async () => {
    const refused = await bothWays('/videos/1/faults', { body: { code: 'too_soon' } });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '3']);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect(reported).toEqual([]);
    passed.length = 0;
    expect((await bothWays('/videos/1/faults', { body: {} })).status).toBe(500);
    expect(reported).toEqual(['internal', 'internal']);
  });
});

it.each<[string, number, Sent]>([
  ['/videos/a%20b/echoes', 200, {}],
  ['/videos/1/echoes?a=1', 200, {}],
  ['/videos/1/echoes/', 200, {}],
  ['/videos/1/echoes/2', 404, {}],
  ['/videos/1/none', 404, {}],
  ['/videos/1/echoes', 403, { headers: { Origin: 'https://evil.example' } }],
  ['/videos/1/echoes', 431, { headers: { Name: 'x'.repeat(17_000) } }],
])('a POST of %s passes Koa’s layers, and is answered %i', async (path, status, sent) => {
  expect((await call(base, 'POST', path, sent)).status).toBe(status);
  expect(passed).not.toContain(false);
});

it('other methods, and paths of another form, pass Koa’s layers', () => {
  const router = new Router();
  for (const path of ['/videos/:id/a', '/b', '/videos/c/:id']) router.post(path, async () => {});
  router.get('/videos/:id/d', async () => {});
  router.all('/videos/:id/e', async () => {});
  const posts = new DirectPosts(router, { origins: ORIGINS, exposed: [], report() {} });
  const begins = (method: string, url: string) => {
    const request = Object.assign(new IncomingMessage(null as never), { method, url });
    return posts.begin(request, new ServerResponse(request));
  };
  expect(begins('POST', '/videos/1/a')).toBe(true);
  expect(begins('GET', '/videos/1/a')).toBe(false);
  for (const url of [
    '/b',
    '/videos/c/1',
    '/videos/1/d',
    '/videos/1/e',
    '/videos',
    '/videos/.././a',
  ])
    expect(begins('POST', url)).toBe(false);
});
