import { createServer, type Server } from 'node:http';
import { EmbeddedFacts } from '../../adapters/embedded/fact-store';
import { adminApp } from '../../app/admin-app';
import { addAdminRoutes } from '../../app/admin-routes';
import { FactWatch } from '../../app/fact-watch';
import type { Logger } from '../../runtime/log-lines';
import { openSimulatedDisk } from '../contract/embedded';
import { call, problemIn } from '../end-to-end/api';

const lines: object[] = [];
const write = (line: object): number => lines.push(line);
const log = { info: write, warn: write } as unknown as Logger;
const SECRET = 'a-secret-of-operators';

interface Open {
  readonly base: string;
  readonly watch: FactWatch;
  readonly send: (
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<number>;
}

const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

async function open(secret: string | undefined, isOpenOnLoopback: boolean): Promise<Open> {
  const { clock, database, time } = openSimulatedDisk();
  const stored = new EmbeddedFacts(database);
  const store = {
    read: (seen?: string) => stored.read(seen),
    set: (name: string, holds: boolean) => time.finish(stored.set(name, holds)),
  };
  const watch = new FactWatch({ store, clock, failed: () => undefined });
  const app = adminApp({
    metrics: async () => '',
    unavailable: () => [],
    addRoutes: (router) =>
      addAdminRoutes(router, {
        kinds: ['video'],
        access: { secret, isOpenOnLoopback },
        facts: () => ({ store, watch }),
        ...{ log, clock },
      }),
  });
  const server = createServer(app.callback());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' && address?.port}`;
  const send: Open['send'] = async (method, path, headers = {}) =>
    (await call(base, method, path, { headers })).status;
  return { base, watch, send };
}

const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };

it.each<[string, (watch: FactWatch) => boolean]>([
  ['/admin/paused', (watch) => watch.isPaused('video:b')],
  ['/admin/videos/a/paused', (watch) => watch.isPaused('video:a') && !watch.isPaused('video:b')],
  ['/admin/members/ann/banned', (watch) => watch.isBanned('ann') && !watch.isBanned('bob')],
])('PUT of %s takes effect at once, and DELETE ends it', async (path, holds) => {
  const { send, watch } = await open(SECRET, false);
  expect([await send('PUT', path, AUTHORIZED), holds(watch)]).toEqual([204, true]);
  expect([await send('PUT', path, AUTHORIZED), holds(watch)]).toEqual([204, true]);
  expect([await send('DELETE', path, AUTHORIZED), holds(watch)]).toEqual([204, false]);
});

it('refuses ids that are not valid, other methods and unknown kinds', async () => {
  const { base, send } = await open(SECRET, false);
  expect(await send('PUT', '/admin/videos/a%20b/paused', AUTHORIZED)).toBe(400);
  expect(await send('PUT', '/admin/rooms/a/paused', AUTHORIZED)).toBe(404);
  const answer = await call(base, 'POST', '/admin/paused', { headers: AUTHORIZED });
  expect([answer.status, answer.headers.allow]).toEqual([405, 'PUT, DELETE']);
});

describe('with ADMIN_SECRET', () => {
  it.each([
    ['no token', {}],
    ['another secret', { Authorization: 'Bearer another-secret' }],
    ['a part of the secret', { Authorization: 'Bearer a' }],
    ['the secret without Bearer', { Authorization: SECRET }],
  ])('a call with %s is refused, on loopback too', async (_, headers) => {
    const { base, watch } = await open(SECRET, true);
    const answer = await call(base, 'PUT', '/admin/paused', { headers });
    expect([answer.status, problemIn(answer).code]).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(watch.isPaused('video:a')).toBe(false);
  });

  it('refused calls stand in the log, with one line for many in a second', async () => {
    const { send } = await open(SECRET, true);
    lines.length = 0;
    const headers = { Authorization: 'Bearer guessed-secret' };
    for (let guess = 0; guess < 5; guess++) await send('PUT', '/admin/paused', headers);
    expect(lines).toEqual([{ method: 'PUT', path: '/admin/paused', from: expect.any(String) }]);
  });
});

describe('without ADMIN_SECRET', () => {
  it('the embedded mode lets any program on loopback call', async () => {
    const { send } = await open(undefined, true);
    expect(await send('PUT', '/admin/paused')).toBe(204);
  });

  it('no page in a browser may call, under whatever name it reaches loopback', async () => {
    const { send, watch } = await open(undefined, true);
    expect(await send('PUT', '/admin/paused', { Origin: 'https://evil.example' })).toBe(401);
    expect(await send('PUT', '/admin/paused', { Host: 'evil.example' })).toBe(401);
    expect(watch.isPaused('video:a')).toBe(false);
  });

  it('a process with a role refuses every call', async () => {
    const { send } = await open(undefined, false);
    expect(await send('PUT', '/admin/paused')).toBe(401);
  });
});
