import { addReadRoutes, MAX_READ_CHANNELS } from '../../producers/read-routes';
import { likes } from '../../schemas/likes';
import { decodePlaces, vectorText } from '../../schemas/place';
import { ClaimedRights } from '../../schemas/rights';
import type { Vector } from '../../schemas/state';
import { call, problemIn, range } from '../end-to-end/api';
import { RouteServer } from './route-server';

const VECTOR: Vector = {
  'dc2.1': { version: 9, state: { love: 4 } },
  'dc1.1': { version: 3, state: { like: 2, love: 1 } },
};
const ID = 'video:42/likes=7:dc1.1@3,dc2.1@9';

const loads: unknown[] = [];
const waited: string[] = [];
let server: RouteServer;
let cached: RouteServer;

function start(publicS: number): Promise<RouteServer> {
  const vectorOf = (channel: string): Vector => (channel === 'video:none' ? {} : VECTOR);
  return RouteServer.start((router) =>
    addReadRoutes(router, {
      type: likes,
      states: {
        load: async (channel) => vectorOf(channel),
        loadAll: async (channels, type) => {
          loads.push([channels, type]);
          return new Map(channels.map((channel) => [channel, vectorOf(channel)]));
        },
      },
      waits: {
        load: async (channel, type, wanted) => {
          waited.push(`${type} of ${channel} at ${vectorText(wanted)}`);
          return VECTOR;
        },
      },
      members: {
        memberOf: async () => ({
          ...{ id: 'ann', isAnonymous: false },
          rights: new ClaimedRights({ watch: ['video:42', 'video:none', 'video:n*'] }),
        }),
      },
      publicS,
    }),
  );
}

beforeAll(async () => {
  server = await start(0);
  cached = await start(60);
});
afterAll(() => Promise.all([server.close(), cached.close()]));
beforeEach(() => {
  loads.length = 0;
  waited.length = 0;
});

const get = (path: string, headers: Record<string, string> = {}) =>
  call(server.url, 'GET', path, { headers });

describe('GET of a channel', () => {
  it('is answered with the state of all origins, its vector and an event id', async () => {
    const { status, text } = await get('/videos/42/likes');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      ...{ videoId: '42', total: 7, reactions: { like: 2, love: 5 } },
      ...{ id: ID, seen: 'dc1.1@3,dc2.1@9' },
    });
    expect(decodePlaces(ID)?.size).toBe(1);
  });

  it('of a channel without entries has an id, too', async () => {
    const { text } = await get('/videos/none/likes');
    const body = { videoId: 'none', total: 0, reactions: {}, id: 'video:none/likes=0:', seen: '' };
    expect(JSON.parse(text)).toEqual(body);
    expect(decodePlaces(body.id)?.size).toBe(1);
  });

  it('has the id as its tag, which only the client’s own cache may use', async () => {
    const { headers } = await get('/videos/42/likes');
    expect(headers).toMatchObject({
      etag: `"${ID}"`,
      'cache-control': 'private, no-cache',
      vary: 'Origin',
    });
  });

  it.each([`"${ID}"`, `W/"${ID}"`, `"other", "${ID}"`, '*'])(
    'is answered 304 to If-None-Match: %s',
    async (tag) => {
      const { headers, status, text } = await get('/videos/42/likes', { 'If-None-Match': tag });
      expect([status, text, headers.etag]).toEqual([304, '', `"${ID}"`]);
      expect(headers['cache-control']).toBe('private, no-cache');
    },
  );

  it.each(['"other"', ID, `"${ID}x"`, '"video:42/likes=7:dc1.1@3"'])(
    'is answered as a whole to If-None-Match: %s',
    async (tag) => {
      expect((await get('/videos/42/likes', { 'If-None-Match': tag })).status).toBe(200);
    },
  );

  it('may be kept by any cache if a time is set', async () => {
    for (const path of ['/videos/42/likes', '/likes?videoId=42']) {
      const { headers } = await call(cached.url, 'GET', path);
      expect(headers).toMatchObject({ 'cache-control': 'public, max-age=60', vary: 'Origin' });
      expect(headers['set-cookie']).toBeUndefined();
    }
  });

  it('needs the right to watch, and an id', async () => {
    expect((await get('/videos/secret/likes')).status).toBe(403);
    expect(problemIn(await get('/videos/a%20b/likes')).code).toBe('invalid_id');
  });
});

describe('GET with atLeast', () => {
  it('waits for the place, and is not cached', async () => {
    const answer = await get('/videos/42/likes?atLeast=dc1.1@3');
    expect(waited).toEqual(['likes of video:42 at dc1.1@3']);
    expect(JSON.parse(answer.text)).toMatchObject({ total: 7, id: ID });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.etag).toBeUndefined();
    const again = await call(cached.url, 'GET', '/videos/42/likes?atLeast=dc1.1@3');
    expect(again.headers['cache-control']).toBe('no-store');
  });

  it('may name a place in each of several logs', async () => {
    await get('/videos/42/likes?atLeast=dc1.1@3,dc2.1@9');
    expect(waited).toEqual(['likes of video:42 at dc1.1@3,dc2.1@9']);
  });

  it.each(['', 'dc1.1', 'dc1.1@', 'dc1.1@-1', 'dc1.1@x', 'dc1.1@1&atLeast=dc1.1@2'])(
    'that names no place is refused: %s',
    async (place) => {
      const answer = await get(`/videos/42/likes?atLeast=${place}`);
      expect([answer.status, problemIn(answer).code]).toEqual([400, 'invalid_query']);
      expect(waited).toEqual([]);
    },
  );
});

describe('GET of several channels', () => {
  it('is answered with the same fields, in the order of the query, from one load', async () => {
    const { status, text } = await get('/likes?videoId=none&videoId=42&videoId=none');
    expect(status).toBe(200);
    const one = JSON.parse((await get('/videos/42/likes')).text);
    const none = JSON.parse((await get('/videos/none/likes')).text);
    expect(JSON.parse(text)).toEqual({ likes: [none, one] });
    expect(loads).toEqual([[['video:none', 'video:42'], 'likes']]);
  });

  it.each([
    ['/likes', 400, 'invalid_query'],
    ['/likes?videoId=', 400, 'invalid_id'],
    ['/likes?videoId=42&videoId=a%20b', 400, 'invalid_id'],
    ['/likes?videoId=42&videoId=secret', 403, 'forbidden'],
  ])('%s is refused with %i %s', async (path, status, code) => {
    const answer = await get(path);
    expect([answer.status, problemIn(answer).code]).toEqual([status, code]);
    expect(loads).toEqual([]);
  });

  it('has at most 100 of them', async () => {
    const query = (count: number) =>
      range(count)
        .map((n) => `videoId=n${n}`)
        .join('&');
    expect((await get(`/likes?${query(MAX_READ_CHANNELS)}`)).status).toBe(200);
    const answer = await get(`/likes?${query(MAX_READ_CHANNELS + 1)}`);
    expect([answer.status, problemIn(answer).code]).toEqual([400, 'invalid_query']);
  });
});
