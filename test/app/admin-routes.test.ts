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
  readonly names: () => Promise<readonly string[] | undefined>;
  readonly set: (name: string) => Promise<void>;
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
    unavailable: async () => [],
    addRoutes: (router) =>
      addAdminRoutes(router, {
        kinds: ['video', 'room'],
        slowKinds: ['video'],
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
  const names = async () => (await store.read())?.names;
  return { base, watch, send, names, set: (name) => store.set(name, true) };
}

const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };

it('refuses any secret of an address from which many were wrong', async () => {
  const { send } = await open(SECRET, false);
  const guess = () => send('PUT', '/admin/paused', { Authorization: `Bearer ${SECRET}!` });
  expect(await send('PUT', '/admin/paused', AUTHORIZED)).toBe(204);
  const statuses = new Set<number>();
  for (let at = 0; at < 30; at++) statuses.add(await guess());
  expect([...statuses]).toEqual([401, 429]);
  expect(await send('PUT', '/admin/paused', AUTHORIZED)).toBe(429);
});

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
  expect(await send('PUT', '/admin/halls/a/paused', AUTHORIZED)).toBe(404);
  const answer = await call(base, 'POST', '/admin/paused', { headers: AUTHORIZED });
  expect([answer.status, answer.headers.allow]).toEqual([405, 'PUT, DELETE']);
});

describe('slow mode', () => {
  const PATH = '/admin/videos/a/slow-mode';
  const put = (base: string, body: unknown, path = PATH) =>
    call(base, 'PUT', path, { headers: AUTHORIZED, body: JSON.stringify(body) });

  it('takes effect at once, a later time replaces it, and DELETE ends it', async () => {
    const { base, names, send, watch } = await open(SECRET, false);
    for (const seconds of [30, 5, 3_600, 5]) {
      expect((await put(base, { seconds })).status).toBe(204);
      expect(watch.slowModeMs('video:a')).toBe(seconds * 1_000);
      expect(await names()).toEqual([`slow/video:a/${seconds}`]);
    }
    expect(watch.slowModeMs('video:ab')).toBe(0);
    expect(await send('DELETE', PATH, AUTHORIZED)).toBe(204);
    expect([watch.slowModeMs('video:a'), await names()]).toEqual([0, []]);
  });

  it('leaves other channels and other facts alone', async () => {
    const { base, send, watch } = await open(SECRET, false);
    await put(base, { seconds: 7 }, '/admin/videos/ab/slow-mode');
    await send('PUT', '/admin/videos/a/paused', AUTHORIZED);
    await put(base, { seconds: 9 });
    await send('DELETE', PATH, AUTHORIZED);
    expect(watch.slowModeMs('video:ab')).toBe(7_000);
    expect(watch.isPaused('video:a')).toBe(true);
  });

  it.each([
    ...[{}, { seconds: 0 }, { seconds: 3_601 }, { seconds: 1.5 }, { seconds: '5' }],
    ...[null, [], { seconds: 5, other: 1 }],
  ])('refuses the body %j', async (body) => {
    const { base, watch } = await open(SECRET, false);
    const answer = await put(base, body);
    expect([answer.status, problemIn(answer).code]).toEqual([400, 'invalid_body']);
    expect(watch.slowModeMs('video:a')).toBe(0);
  });

  it('is not offered for kinds without a type that has it, nor without the secret', async () => {
    const { base, send, watch } = await open(SECRET, false);
    const unknown = await put(base, { seconds: 5 }, '/admin/rooms/a/slow-mode');
    expect(unknown.status).toBe(404);
    expect(await send('PUT', PATH)).toBe(401);
    expect(await send('DELETE', PATH)).toBe(401);
    expect(watch.slowModeMs('video:a')).toBe(0);
  });

  it('of two times that were set at once, the longer one holds, and DELETE ends both', async () => {
    const { send, set, watch } = await open(SECRET, false);
    for (const seconds of [9, 60, 10]) await set(`slow/video:a/${seconds}`);
    await watch.read();
    expect(watch.slowModeMs('video:a')).toBe(60_000);
    await send('DELETE', PATH, AUTHORIZED);
    expect(watch.slowModeMs('video:a')).toBe(0);
  });
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
