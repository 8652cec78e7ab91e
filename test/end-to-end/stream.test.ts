import { call, eventually, metric, post, problemIn, range, tapId, totalOf } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.start();
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function watch(...args: [readonly string[], ConstructorParameters<typeof StreamClient>[2]?]) {
  const viewer = new StreamClient(server.url, ...args);
  viewers.push(viewer);
  return viewer;
}

/** Waits until the viewer has this total, without a fault. */
async function expectTotal(viewer: StreamClient, channel: string, total: number): Promise<void> {
  await viewer.next('likes', ({ data }) => data.channel === channel && data.total === total);
  expect(viewer.faults).toEqual([]);
}

describe('a stream', () => {
  it('is text/event-stream that must not be cached', async () => {
    const viewer = watch(['video:head']);
    await viewer.next('snapshot');
    expect(viewer.statuses).toEqual([200]);
    expect(viewer.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(viewer.headers['cache-control']).toMatch(/no-cache/);
  });

  it('begins with ready, then a snapshot of each channel with its id', async () => {
    await post(server.url, 'begin', { likes: [{}, { reaction: 'love' }] });
    const channels = ['video:begin', 'video:begin-not'];
    const viewer = watch(channels);
    const full = await viewer.next('snapshot', ({ data }) => data.channel === channels[0]);
    const empty = await viewer.next('snapshot', ({ data }) => data.channel === channels[1]);
    const [ready] = viewer.events;
    expect(ready?.name).toBe('ready');
    expect(ready?.data.channels).toEqual(channels);
    expect(ready?.data.connectionId).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
    expect(full.data).toMatchObject({ total: 2, reactions: { like: 1, love: 1 } });
    expect(empty.data).toMatchObject({ total: 0, reactions: {} });
    expect(viewer.all('ready')).toHaveLength(1);
    expect(viewer.faults).toEqual([]);
  });

  it('has each like within a second, with `new` and the time of acceptance', async () => {
    const viewer = watch(['video:live']);
    await viewer.next('snapshot');
    for (const n of range(5)) {
      const began = Date.now();
      await post(server.url, 'live', { reaction: n % 2 ? 'love' : 'like' });
      await expectTotal(viewer, 'video:live', n + 1);
      expect(Date.now() - began).toBeLessThan(1_000);
      const [last] = viewer.all('likes').slice(-1);
      expect(last?.data.t).toBeGreaterThanOrEqual(began);
      expect(last?.data.t).toBeLessThanOrEqual(Date.now());
    }
    expect(viewer.all('snapshot')).toHaveLength(1);
  });

  it('has no event for a like that existed already', async () => {
    const likeId = tapId();
    const viewer = watch(['video:known']);
    await viewer.next('snapshot');
    for (const _ of range(3)) await post(server.url, 'known', { likeId });
    await expectTotal(viewer, 'video:known', 1);
    await post(server.url, 'known', {});
    await expectTotal(viewer, 'video:known', 2);
    const news = viewer.all('likes').map(({ data }) => data.new);
    expect(news).toEqual([1, 1]);
  });
});

describe('many viewers and likes', () => {
  it('end with the same totals, each event adding up', async () => {
    const crowd = range(30).map((n) => watch(n % 2 ? ['video:busy'] : ['video:busy', 'video:b2']));
    await Promise.all(crowd.map((viewer) => viewer.next('snapshot')));
    const sizes = range(100).map((n) => (n % 7) + 1);
    const total = sizes.filter((_, n) => n % 5).reduce((all, size) => all + size, 0);
    const posts = sizes.map((size, n) =>
      post(server.url, n % 5 ? 'busy' : 'b2', { likes: range(size).map(() => ({})) }),
    );
    await Promise.all(posts);
    for (const viewer of crowd) await expectTotal(viewer, 'video:busy', total);
    await eventually(async () => expect(await totalOf(server.url, 'busy')).toBe(total));
  });

  it('get different times to reconnect', async () => {
    const crowd = range(12).map(() => watch(['video:retry']));
    await Promise.all(crowd.map((viewer) => viewer.next('ready')));
    const retries = crowd.flatMap((viewer) => viewer.retries);
    expect(retries).toHaveLength(12);
    expect(new Set(retries).size).toBeGreaterThan(6);
    for (const ms of retries) expect(ms).toBeGreaterThan(0);
  });

  it('get a ping at least every 15 seconds if there is no other event', async () => {
    const viewer = watch(['video:quiet']);
    await viewer.next('snapshot');
    await eventually(() => expect(viewer.pings).toBeGreaterThan(0), 15_000);
    expect(viewer.events.map(({ name }) => name)).toEqual(['ready', 'snapshot']);
    expect(viewer.faults).toEqual([]);
  });
});

describe('a stream that is refused with a final status', () => {
  const refusals: readonly [string, string, string][] = [
    [
      '51 channels',
      range(51)
        .map((n) => `channel=video:${n}`)
        .join('&'),
      'too_many_channels',
    ],
    ['an unknown kind of channel', 'channel=planet:1', 'invalid_channel'],
    ['no kind of channel', 'channel=42', 'invalid_channel'],
    ['an empty channel', 'channel=', 'invalid_channel'],
    ['no id', 'channel=video:', 'invalid_id'],
    ['a bad id', 'channel=video:a%20b', 'invalid_id'],
    ['an id of 65 characters', `channel=video:${'x'.repeat(65)}`, 'invalid_id'],
    ['a list in one', 'channel=video:1,video:2', 'invalid_id'],
    ['a line break', 'channel=video:1%0Adata:%20x', 'invalid_id'],
    ['no event type of a channel', 'channel=video:1&events=unknown,', 'invalid_channel'],
    ['one bad channel among good ones', 'channel=video:1&channel=nope:2', 'invalid_channel'],
  ];

  it.each(refusals)('for %s is a 400 problem', async (_, query, code) => {
    const answer = await call(server.url, 'GET', `/stream?${query}`);
    expect([answer.status, problemIn(answer).code]).toEqual([400, code]);
  });

  it('is accepted with 50 channels, or the same one twice', async () => {
    const many = watch(range(50).map((n) => `video:fifty-${n}`));
    await many.next('snapshot', ({ data }) => data.channel === 'video:fifty-49');
    const twice = watch(['video:same', 'video:same']);
    await twice.next('snapshot');
    await post(server.url, 'same', {});
    await expectTotal(twice, 'video:same', 1);
    expect(twice.all('snapshot')).toHaveLength(1);
  });

  it('is answered for HEAD without a stream', async () => {
    const answer = await call(server.url, 'HEAD', '/stream?channel=video:1');
    expect([200, 405]).toContain(answer.status);
    expect(answer.text).toBe('');
    await eventually(async () => {
      expect(await metric(server.adminUrl, 'likestream_viewers')).toBe(0);
    });
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string, method: string, path: string) =>
    call(server.url, 'OPTIONS', path, {
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'content-type,authorization',
      },
    });

  it.each(['http://localhost:5173', 'http://127.0.0.1:3000', 'https://localhost'])(
    'on %s may like, join and leave',
    async (origin) => {
      const calls = [
        ['POST', '/videos/1/likes'],
        ['PUT', '/stream/x/channels/video:1'],
        ['DELETE', '/stream/x/channels/video:1'],
      ] as const;
      for (const [method, path] of calls) {
        const { headers, status } = await preflight(origin, method, path);
        expect(status).toBe(204);
        expect(headers['access-control-allow-origin']).toBe(origin);
        expect(headers['access-control-allow-methods']).toContain(method);
        expect(headers['access-control-allow-headers']).toMatch(/content-type/i);
      }
    },
  );

  it('on localhost may watch, like, and read problems', async () => {
    const headers = { Origin: 'http://localhost:5173' };
    const viewer = watch(['video:cors'], { headers });
    await viewer.next('snapshot');
    const answers = [
      viewer.headers,
      (await post(server.url, 'cors', {}, { headers })).headers,
      (await post(server.url, 'cors', '{', { headers })).headers,
      (await call(server.url, 'GET', '/nowhere', { headers })).headers,
    ];
    for (const each of answers) expect(each['access-control-allow-origin']).toBe(headers.Origin);
  });

  it.each(['http://evil.example', 'http://localhost.evil.example', 'null'])(
    'on %s may not',
    async (origin) => {
      const { headers } = await preflight(origin, 'POST', '/videos/1/likes');
      expect(headers['access-control-allow-origin']).toBeFalsy();
    },
  );
});
