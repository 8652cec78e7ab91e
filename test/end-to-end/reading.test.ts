import { z } from 'zod';
import { type Answer, call, eventually, likeIn, post, range, tapId } from './api';
import { likeUntilSent, likeVideo } from './counted';
import { endServers, Server } from './server';
import { StreamClient, type StreamOptions } from './stream-client';

const reading = z.object({
  videoId: z.string(),
  total: z.int(),
  reactions: z.record(z.string(), z.int()),
  id: z.string(),
  seen: z.string(),
});

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.start();
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function watch(channels: readonly string[], options: StreamOptions): StreamClient {
  const viewer = new StreamClient(server.url, channels, options);
  viewers.push(viewer);
  return viewer;
}

const readingIn = (answer: Answer) => reading.parse(JSON.parse(answer.text));

async function read(video: string, query = '') {
  return readingIn(await call(server.url, 'GET', `/videos/${video}/likes${query}`));
}

/** Likes a video, 50 a request, until GET and a viewer have the total. */
async function likeMany(video: string, count: number, total: number): Promise<void> {
  await Promise.all(range(count / 50 - 1).map(() => likeVideo(server.url, video, 50)));
  await likeUntilSent(server.url, video, 50, total);
}

const parameter = (id: string) => `lastEventId=${encodeURIComponent(id)}`;

describe('a page that was rendered from a GET', () => {
  it('is sent one event with all likes since then, and no snapshot', async () => {
    await likeUntilSent(server.url, 'page', 3, 3);
    const rendered = await read('page');
    expect(rendered.total).toBe(3);
    await likeMany('page', 500, 503);
    const query = `events=likes&${parameter(rendered.id)}`;
    const viewer = watch(['video:page'], { query, totals: new Map([['video:page', 3]]) });
    const likes = await viewer.next('likes');
    expect(likes.data).toMatchObject({ total: 503, new: 500 });
    expect(viewer.events.map(({ name }) => name)).toEqual(['ready', 'likes']);
    await likeVideo(server.url, 'page', 1);
    await viewer.next('likes', ({ data }) => data.total === 504 && data.new === 1);
    expect(viewer.all('snapshot')).toEqual([]);
    expect(viewer.faults).toEqual([]);
  });

  it('that watches all events is sent no snapshot with the total', async () => {
    await likeUntilSent(server.url, 'all', 3, 3);
    const rendered = await read('all');
    await likeMany('all', 500, 503);
    const totals = new Map([['video:all', 3]]);
    const viewer = watch(['video:all'], { query: parameter(rendered.id), totals });
    const likes = await viewer.next('likes');
    expect(likes.data).toMatchObject({ total: 503, new: 500 });
    const snapshot = await viewer.next('snapshot');
    expect(snapshot.data).toHaveProperty('attributes');
    for (const { data } of viewer.all('snapshot')) expect(data).not.toHaveProperty('total');
    expect(viewer.faults).toEqual([]);
  });

  it('of a video without likes is sent the first one', async () => {
    const rendered = await read('empty');
    expect(rendered).toMatchObject({ total: 0, seen: '' });
    const query = `events=likes&${parameter(rendered.id)}`;
    const viewer = watch(['video:empty'], { query, totals: new Map([['video:empty', 0]]) });
    await viewer.next('ready');
    await likeVideo(server.url, 'empty', 2);
    expect((await viewer.next('likes')).data).toMatchObject({ total: 2, new: 2 });
    expect(viewer.all('snapshot')).toEqual([]);
  });

  it('with several videos continues in each of them', async () => {
    const videos = ['two-a', 'two-b'];
    await likeUntilSent(server.url, 'two-a', 1, 1);
    await likeUntilSent(server.url, 'two-b', 2, 2);
    const path = `/likes?${videos.map((video) => `videoId=${video}`).join('&')}`;
    const { likes } = JSON.parse((await call(server.url, 'GET', path)).text);
    const rendered = z.array(reading).parse(likes);
    expect(rendered.map(({ videoId, total }) => [videoId, total])).toEqual([
      ['two-a', 1],
      ['two-b', 2],
    ]);
    await likeMany('two-a', 50, 51);
    await likeMany('two-b', 100, 102);
    const query = ['events=likes', ...rendered.map(({ id }) => parameter(id))].join('&');
    const totals = new Map(rendered.map(({ videoId, total }) => [`video:${videoId}`, total]));
    const viewer = watch(
      videos.map((video) => `video:${video}`),
      { query, totals },
    );
    await eventually(() => {
      expect([viewer.total('video:two-a'), viewer.total('video:two-b')]).toEqual([51, 102]);
    });
    expect(viewer.all('snapshot')).toEqual([]);
    expect(viewer.faults).toEqual([]);
  });
});

describe('a GET after a like', () => {
  it('with atLeast has the like at once, each time', async () => {
    for (const n of range(50)) {
      const { place } = likeIn(await post(server.url, 'own', { likeId: tapId() }));
      expect((await read('own', `?atLeast=${place}`)).total).toBe(n + 1);
    }
  });

  it('is answered at once if the place is impossible', async () => {
    await likeUntilSent(server.url, 'far', 1, 1);
    for (const place of ['dc1.1@999999999999', 'dc9.1@1']) {
      const sentAt = performance.now();
      expect((await read('far', `?atLeast=${place}`)).total).toBe(1);
      expect(performance.now() - sentAt).toBeLessThan(500);
    }
  });

  it('is answered after a second if the place does not come', async () => {
    const { place } = likeIn(await post(server.url, 'late', {}));
    const later = place.replace(/\d+$/, (offset) => String(Number(offset) + 500));
    const sentAt = performance.now();
    expect((await read('late', `?atLeast=${later}`)).total).toBe(1);
    expect(performance.now() - sentAt).toBeGreaterThan(900);
  });
});

it('a GET is answered 304 until the total changes', async () => {
  await likeUntilSent(server.url, 'tag', 1, 1);
  const get = (tag = '') =>
    call(server.url, 'GET', '/videos/tag/likes', { headers: { 'If-None-Match': tag } });
  const { headers } = await get();
  expect((await get(headers.etag)).status).toBe(304);
  await likeUntilSent(server.url, 'tag', 1, 2);
  const changed = await get(headers.etag);
  expect([changed.status, readingIn(changed).total]).toEqual([200, 2]);
  expect(changed.headers['set-cookie']).toBeUndefined();
});

it('a server whose answers any cache may keep says so, to pages of other origins too', async () => {
  const cached = await Server.start({ env: { PUBLIC_CACHE_S: '30' } });
  const headers = { Origin: 'http://localhost:3000' };
  for (const path of ['/videos/1/likes', '/likes?videoId=1', '/videos/1/attributes']) {
    const answer = await call(cached.url, 'GET', path, { headers });
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=30',
      vary: 'Origin',
      'access-control-allow-origin': 'http://localhost:3000',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  const JWT_SECRET = 'a secret of these tests, and of no other';
  const closed = await Server.start({ env: { PUBLIC_CACHE_S: '30', JWT_SECRET } });
  const answer = await call(closed.url, 'GET', '/videos/1/likes');
  expect([answer.status, answer.headers['cache-control']]).toEqual([401, undefined]);
});
