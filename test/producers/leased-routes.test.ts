import { addLeasedRoutes } from '../../producers/leased-routes';
import { presence } from '../../schemas/presence';
import { ClaimedRights } from '../../schemas/rights';
import type { Feeds } from '../../schemas/state';
import { viewers } from '../../schemas/viewers';
import { visitors } from '../../schemas/visitors';
import { call, range } from '../end-to-end/api';
import { RouteServer } from './route-server';

const FEEDS: Readonly<Record<string, Feeds>> = {
  'video:42': { viewers: { 'dc1.0': { version: 3, state: { count: 7, peak: 12 } } } },
  'member:ann': {
    presence: { 'dc1.0': { version: 1, state: { online: false, lastActiveAt: 99 } } },
  },
  'member:bob': { presence: { 'dc1.0': { version: 1, state: { online: true } } } },
};

let server: RouteServer;
const loads: (readonly [readonly string[], readonly string[]])[] = [];

beforeAll(async () => {
  server = await RouteServer.start((router) => {
    for (const [type, shown] of [
      [viewers, [visitors]],
      [presence, []],
    ] as const) {
      addLeasedRoutes(router, {
        ...{ type, shown },
        states: {
          async load(channels, types) {
            loads.push([channels, types.map(({ name }) => name)]);
            return new Map(channels.map((channel) => [channel, FEEDS[channel] ?? {}]));
          },
        },
        members: {
          memberOf: async () => {
            const rights = new ClaimedRights({ watch: ['video:*', 'member:a*', 'member:b*'] });
            return { id: 'ann', rights, isAnonymous: false };
          },
        },
      });
    }
  });
});
afterAll(() => server.close());
beforeEach(() => {
  loads.length = 0;
});

async function get(path: string) {
  const { headers, status, text } = await call(server.url, 'GET', path);
  return { status, headers, body: JSON.parse(text) };
}

it('answers one channel with the fields of all its types, by one reading', async () => {
  const { body, headers, status } = await get('/videos/42/viewers');
  expect(status).toBe(200);
  expect(body).toEqual({ videoId: '42', viewers: 7, peak: 12, unique: 0 });
  expect(headers['cache-control']).toBe('private, no-cache');
  expect(loads).toEqual([[['video:42'], ['viewers', 'visitors']]]);
});

it('answers zeros for an unknown channel', async () => {
  const { body } = await get('/videos/unknown/viewers');
  expect(body).toEqual({ videoId: 'unknown', viewers: 0, peak: 0, unique: 0 });
});

it('answers a member, online or not', async () => {
  expect((await get('/members/bob/presence')).body).toEqual({ memberId: 'bob', online: true });
  const ann = { memberId: 'ann', online: false, lastActiveAt: 99 };
  expect((await get('/members/ann/presence')).body).toEqual(ann);
  expect((await get('/members/b/presence')).body).toEqual({ memberId: 'b', online: false });
});

it('answers several channels in their order, by one reading', async () => {
  const { body } = await get('/presence?memberId=bob&memberId=ann&memberId=bob');
  expect(body).toEqual({
    presence: [
      { memberId: 'bob', online: true },
      { memberId: 'ann', online: false, lastActiveAt: 99 },
    ],
  });
  expect(loads).toHaveLength(1);
});

it.each([
  ['/videos/a%20b/viewers', 400, 'invalid_id'],
  ['/presence', 400, 'invalid_query'],
  ['/presence?memberId=a%20b', 400, 'invalid_id'],
  [
    `/presence?${range(101)
      .map((n) => `memberId=a${n}`)
      .join('&')}`,
    400,
    'invalid_query',
  ],
  ['/members/carol/presence', 403, 'forbidden'],
  ['/presence?memberId=ann&memberId=carol', 403, 'forbidden'],
])('%s is refused', async (path, status, code) => {
  const answer = await get(path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(loads).toEqual([]);
});
