import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { SECRET, signedToken, token } from '../runtime/members/tokens';
import { type Answer, call, eventually, post, problemIn } from './api';
import { endServers, newFolder, Server } from './server';
import { StreamClient } from './stream-client';

const viewers: StreamClient[] = [];
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}

function bearer(claims: object): { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token({ exp: inSeconds(600), ...claims })}` } };
}

function watch(server: Server, channel: string, options: object): StreamClient {
  const viewer = new StreamClient(server.url, [channel], options);
  viewers.push(viewer);
  return viewer;
}

async function connectionOf(viewer: StreamClient): Promise<string> {
  return String((await viewer.next('ready')).data.connectionId);
}

describe.each([
  ['one process', {}],
  ['workers', { WORKERS: '2' }],
])('the token of a stream, with %s', (_, settings) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ env: { JWT_SECRET: SECRET, ...settings } });
  });

  function renew(id: string, claims: object): Promise<Answer> {
    return call(server.url, 'PUT', `/stream/${id}/token`, bearer(claims));
  }

  it('ends it, unless the viewer gives a newer one', async () => {
    const short = bearer({ sub: 'ann', exp: inSeconds(3) });
    const [ending, renewing] = [0, 1].map(() => watch(server, 'video:1', short));
    if (!ending || !renewing) throw new Error('no viewers');
    const id = await connectionOf(renewing);
    expect((await renew(id, { sub: 'ann' })).status).toBe(204);
    const bye = await ending.next('bye', () => true, 10_000);
    expect(bye.data.reason).toBe('token_expired');
    await eventually(() => expect(ending.ended).toBe(true));
    await post(server.url, '1', {}, bearer({ sub: 'bob' }));
    await renewing.next('likes');
    expect(renewing.all('bye')).toEqual([]);
  });

  it('is renewed by the same member alone, and keeps the rights to its channels', async () => {
    const viewer = watch(server, 'video:1', bearer({ sub: 'ann' }));
    const id = await connectionOf(viewer);
    const other = await renew(id, { sub: 'bob' });
    expect([other.status, problemIn(other).code]).toEqual([403, 'forbidden']);
    const less = await renew(id, { sub: 'ann', likestream: { watch: ['video:2'] } });
    expect([less.status, problemIn(less).code]).toEqual([403, 'forbidden']);
    expect((await renew(`${id.slice(0, -1)}x`, { sub: 'ann' })).status).toBe(404);
    const missing = await call(server.url, 'PUT', `/stream/${id}/token`);
    expect([missing.status, problemIn(missing).code]).toEqual([401, 'unauthorized']);
    expect((await renew(id, { sub: 'ann', likestream: { watch: ['video:*'] } })).status).toBe(204);
  });

  it('is that of the only member who may change its channels', async () => {
    const viewer = watch(server, 'video:1', bearer({ sub: 'ann' }));
    const path = `/stream/${await connectionOf(viewer)}/channels`;
    for (const method of ['PUT', 'DELETE']) {
      const foreign = await call(server.url, method, `${path}/video:1`, bearer({ sub: 'bob' }));
      expect([foreign.status, problemIn(foreign).code]).toEqual([404, 'not_found']);
      const nobody = await call(server.url, method, `${path}/video:1`);
      expect([nobody.status, problemIn(nobody).code]).toEqual([401, 'unauthorized']);
    }
    const limited = bearer({ sub: 'ann', likestream: { watch: ['video:1'] } });
    const forbidden = await call(server.url, 'PUT', `${path}/video:2`, limited);
    expect([forbidden.status, problemIn(forbidden).code]).toEqual([403, 'forbidden']);
    const put = await call(server.url, 'PUT', `${path}/video:2`, bearer({ sub: 'ann' }));
    expect(put.status).toBe(204);
    await viewer.next('snapshot', ({ data }) => data.channel === 'video:2');
  });

  it('is answered after its end: a stream temporarily, a call with 401', async () => {
    const over = bearer({ sub: 'ann', exp: inSeconds(-60) });
    const answer = await call(server.url, 'GET', '/stream?channel=video:1', over);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([200, undefined]);
    const [, retry, reason] = /^retry: (\d+)\nevent: bye\ndata: (.*)\n\n$/.exec(answer.text) ?? [];
    expect(JSON.parse(reason ?? '')).toEqual({ reason: 'token_expired', retryMs: Number(retry) });
    expect(Number(retry)).toBeGreaterThanOrEqual(54_000);
    expect(Number(retry)).toBeLessThan(75_000);
    const like = await post(server.url, '1', {}, over);
    expect([like.status, problemIn(like).code]).toEqual([401, 'token_expired']);
    expect(like.headers['www-authenticate']).toContain('the token has expired');
  });
});

describe('the session cookie', () => {
  it('carries the token, until the session is ended', async () => {
    const server = await Server.start({ env: { JWT_SECRET: SECRET } });
    const started = await call(server.url, 'POST', '/session', bearer({ sub: 'ann' }));
    expect([started.status, started.text]).toEqual([204, '']);
    const [cookie = ''] = started.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    await watch(server, 'video:1', { headers }).next('snapshot');
    const like = await post(server.url, '1', {}, { headers });
    expect(like.status).toBe(201);
    const ended = await call(server.url, 'DELETE', '/session', { headers });
    expect([ended.status, ended.headers['set-cookie']?.[0]]).toEqual([
      ...[204, expect.stringContaining('Max-Age=0')],
    ]);
    expect((await call(server.url, 'POST', '/session', { headers })).status).toBe(401);
  });
});

interface Key {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function jwks(...keys: readonly Key[]): string {
  const jwk = (key: Key) => key.publicKey.export({ format: 'jwk' });
  return JSON.stringify({ keys: keys.map(jwk) });
}

describe('keys that change', () => {
  const [one, two] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2_048 }));
  if (!one || !two) throw new Error('no keys');

  async function statusBy(server: Server, key: Key): Promise<number> {
    const text = signedToken({ sub: 'ann', exp: inSeconds(60) }, key.privateKey);
    const headers = { Authorization: `Bearer ${text}` };
    return (await call(server.url, 'GET', '/videos/1/likes', { headers })).status;
  }

  it('of a file are in use soon, and a version that is not valid changes nothing', async () => {
    const file = join(newFolder(), 'jwks.json');
    writeFileSync(file, jwks(one));
    const server = await Server.start({ env: { JWT_JWKS_FILE: file } });
    expect([await statusBy(server, one), await statusBy(server, two)]).toEqual([200, 401]);
    writeFileSync(`${file}.new`, jwks(one, two));
    renameSync(`${file}.new`, file);
    await eventually(async () => expect(await statusBy(server, two)).toBe(200));
    writeFileSync(file, '{"keys":');
    await eventually(async () => {
      expect(await statusBy(server, one)).toBe(200);
      expect(server.errors).toContain('it is not a JWKS');
    });
    expect([await statusBy(server, one), await statusBy(server, two)]).toEqual([200, 200]);
    writeFileSync(file, jwks(two));
    await eventually(async () => expect(await statusBy(server, one)).toBe(401));
  });

  it('of an address are read when they are needed', async () => {
    const source = { text: jwks(one), status: 503, reads: 0 };
    const site = createServer((_, answer) => {
      source.reads += 1;
      answer.writeHead(source.status).end(source.text);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const address = site.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const env = { JWT_JWKS_URL: `http://127.0.0.1:${port}/jwks.json` };
    const server = await Server.start({ env });
    try {
      expect(await statusBy(server, one)).toBe(503);
      source.status = 200;
      await eventually(async () => expect(await statusBy(server, one)).toBe(200), 10_000);
      source.text = jwks(one, two);
      await eventually(async () => expect(await statusBy(server, two)).toBe(200), 10_000);
      expect(source.reads).toBeLessThan(5);
    } finally {
      site.close();
    }
  });
});
