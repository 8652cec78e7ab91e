import { z } from 'zod';
import { SECRET, token } from '../runtime/members/tokens';
import { type Answer, call, eventually, problemIn, range } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.startToReturn({ env: { JWT_SECRET: SECRET, ANONYMOUS: 'watch' } });
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function bearer(claims: object): Readonly<Record<string, string>> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return { Authorization: `Bearer ${token({ sub: 'backend', exp, ...claims })}` };
}

const BACKEND = { likestream: { publish: ['video:*'], watch: ['video:*'] } };

function send(method: string, path: string, body?: unknown, claims: object = BACKEND) {
  return call(server.url, method, path, { body, headers: bearer(claims) });
}

const put = (video: string, name: string, value: unknown) =>
  send('PUT', `/videos/${video}/attributes/${name}`, { value });

const written = z.object({ name: z.string(), place: z.string() });

async function attributesOf(video: string, atLeast?: string): Promise<unknown> {
  const query = atLeast === undefined ? '' : `?atLeast=${atLeast}`;
  const { text } = await call(server.url, 'GET', `/videos/${video}/attributes${query}`);
  return JSON.parse(text).attributes;
}

function watch(video: string, query: string): StreamClient {
  const viewer = new StreamClient(server.url, [`video:${video}`], { query });
  viewers.push(viewer);
  return viewer;
}

const codeOf = (answer: Answer) => [answer.status, problemIn(answer).code];

/** The attributes that a viewer has been sent, by name. */
const sentTo = (viewer: StreamClient) =>
  viewer
    .all('attribute')
    .map(({ data }) => [Reflect.get(data, 'name'), Reflect.get(data, 'value')]);

describe('an attribute', () => {
  it('reaches viewers and GET, is replaced, and is removed', async () => {
    const viewer = watch('live', 'events=attributes');
    expect((await viewer.next('snapshot')).data).toMatchObject({ attributes: {} });
    const first = await put('live', 'score', { home: 0, away: 0 });
    expect(first.status).toBe(200);
    const { place } = written.parse(JSON.parse(first.text));
    expect(await attributesOf('live', place)).toEqual({ score: { home: 0, away: 0 } });
    await eventually(() => expect(sentTo(viewer)).toEqual([['score', { home: 0, away: 0 }]]));
    await put('live', 'score', { home: 1, away: 0 });
    await put('live', 'title', 'Final');
    const removed = await send('DELETE', '/videos/live/attributes/score');
    expect(removed.status).toBe(200);
    await eventually(() => {
      expect(sentTo(viewer)).toContainEqual(['title', 'Final']);
      expect(sentTo(viewer).at(-1)).toEqual(['score', null]);
    });
    const last = written.parse(JSON.parse(removed.text));
    expect(await attributesOf('live', last.place)).toEqual({ title: 'Final' });
    expect(codeOf(await call(server.url, 'GET', '/videos/live/attributes/score'))).toEqual([
      404,
      'not_found',
    ]);
    const title = await call(server.url, 'GET', '/videos/live/attributes/title');
    expect(JSON.parse(title.text)).toMatchObject({
      videoId: 'live',
      name: 'title',
      value: 'Final',
    });
  });

  it('is sent to a viewer that returns, and the others are not', async () => {
    for (const name of ['a', 'b', 'c']) await put('back', name, 1);
    const first = watch('back', 'events=attributes');
    const snapshot = await first.next('snapshot', ({ data }) => {
      return JSON.stringify(data).includes('"c"');
    });
    first.close();
    await put('back', 'b', 2);
    const { place } = written.parse(JSON.parse((await put('back', 'd', 3)).text));
    expect(await attributesOf('back', place)).toEqual({ a: 1, b: 2, c: 1, d: 3 });
    const id = encodeURIComponent(snapshot.id ?? '');
    const viewer = watch('back', `events=attributes&lastEventId=${id}`);
    await eventually(() => {
      expect(sentTo(viewer)).toEqual([
        ['b', 2],
        ['d', 3],
      ]);
    });
    expect(viewer.all('snapshot')).toEqual([]);
  });

  it('is in the snapshot of all types, and outlives a restart', async () => {
    await put('kept', 'title', 'Kept');
    await put('kept', '__proto__', { constructor: 1 });
    await server.stop();
    server = await server.startAgain();
    const viewer = watch('kept', 'events=likes,attributes');
    const { data } = await viewer.next('snapshot');
    expect(data).toMatchObject({ total: 0, channel: 'video:kept' });
    const text = JSON.stringify(data);
    expect(text).toContain('"attributes":{"__proto__":{"constructor":1},"title":"Kept"}');
  });
});

describe('the bounds of attributes', () => {
  it('are met exactly by one client: 64 values', async () => {
    for (const n of range(64)) expect((await put('many', `n${n}`, n)).status).toBe(200);
    expect(codeOf(await put('many', 'more', 1))).toEqual([413, 'too_large']);
    expect((await put('many', 'n5', 'again')).status).toBe(200);
    expect((await send('DELETE', '/videos/many/attributes/n6')).status).toBe(200);
    expect((await put('many', 'more', 1)).status).toBe(200);
  });

  it('are met exactly by one client: 16 KiB', async () => {
    const value = 'x'.repeat(4_000);
    for (const name of ['a', 'b', 'c', 'd'])
      expect((await put('big', name, value)).status).toBe(200);
    expect(codeOf(await put('big', 'e', value))).toEqual([413, 'too_large']);
    expect(codeOf(await put('big', 'f', 'x'.repeat(4_095)))).toEqual([413, 'too_large']);
  });

  it('are met exactly by one client: 256 names of all time', async () => {
    for (const n of range(256)) await send('DELETE', `/videos/names/attributes/n${n}`);
    expect(codeOf(await put('names', 'more', 1))).toEqual([409, 'too_many_names']);
    expect((await put('names', 'n1', 1)).status).toBe(200);
  });
});

describe('the right to publish', () => {
  it.each<[string, object, number, string]>([
    ['without the claim', {}, 403, 'forbidden'],
    ['with the right to write', { likestream: { write: ['*'] } }, 403, 'forbidden'],
    ['of another video', { likestream: { publish: ['video:2'] } }, 403, 'forbidden'],
  ])('is needed: %s', async (_, claims, status, code) => {
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { value: 1 } : undefined;
      const answer = await send(method, '/videos/1/attributes/a', body, claims);
      expect(codeOf(answer)).toEqual([status, code]);
    }
  });

  it('is needed of clients without a token', async () => {
    const answer = await call(server.url, 'PUT', '/videos/1/attributes/a', { body: { value: 1 } });
    expect(codeOf(answer)).toEqual([401, 'unauthorized']);
    expect(await attributesOf('1')).toEqual({});
  });
});
