import type { Moment } from '../../adapters/moments';
import { addMomentRoutes } from '../../producers/moment-routes';
import { LikestreamError } from '../../schemas/errors';
import { ClaimedRights } from '../../schemas/rights';
import { typing } from '../../schemas/typing';
import { call } from '../end-to-end/api';
import { RouteServer } from './route-server';

let server: RouteServer;
let now = 0;
let isUnavailable = false;
const sent: Moment[] = [];

beforeAll(async () => {
  server = await RouteServer.start((router) => {
    addMomentRoutes(router, {
      type: typing,
      clock: { monotonic: () => now },
      moments: {
        async send(moments) {
          if (isUnavailable) throw new LikestreamError('log_unavailable');
          sent.push(...moments);
        },
      },
      facts: {
        isPaused: (channel) => channel === 'conversation:paused',
        isBanned: (memberId) => memberId === 'bad',
        slowModeMs: () => 0,
      },
      members: {
        memberOf: async (ctx) => {
          const rights = new ClaimedRights({
            write: ['typing:conversation:c*', 'typing:conversation:paused'],
          });
          return { id: ctx.get('Member') || 'ann', rights, isAnonymous: false };
        },
      },
    });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  sent.length = 0;
  now += 10_000;
});

async function post(id: string, body: unknown = {}, member = 'ann') {
  const options = { body, headers: { Member: member } };
  const { status, text } = await call(server.url, 'POST', `/conversations/${id}/typing`, options);
  return { status, body: JSON.parse(text) };
}

it('passes a moment on, and answers 202', async () => {
  expect(await post('c1')).toEqual({ status: 202, body: {} });
  expect(sent).toEqual([
    { channel: 'conversation:c1', type: 'typing', memberId: 'ann', value: {} },
  ]);
});

it('passes one a second of each member and channel on, and accepts the others', async () => {
  for (const member of ['ann', 'bob', 'ann']) {
    expect((await post('c1', {}, member)).status).toBe(202);
  }
  await post('c2');
  now += 999;
  await post('c1');
  expect(sent.map(({ channel, memberId }) => [channel, memberId])).toEqual([
    ['conversation:c1', 'ann'],
    ['conversation:c1', 'bob'],
    ['conversation:c2', 'ann'],
  ]);
  now += 1;
  await post('c1');
  expect(sent).toHaveLength(4);
});

it('is refused if the log is unavailable, and the next try is passed on', async () => {
  isUnavailable = true;
  const refused = await post('c1');
  expect([refused.status, refused.body.code]).toEqual([503, 'log_unavailable']);
  isUnavailable = false;
  expect((await post('c1')).status).toBe(202);
  expect(sent).toHaveLength(1);
});

it.each([
  ['c1', { text: 'x' }, 'ann', 400, 'invalid_body'],
  ['a%20b', {}, 'ann', 400, 'invalid_id'],
  ['other', {}, 'ann', 403, 'forbidden'],
  ['c1', {}, 'bad', 403, 'member_banned'],
  ['paused', {}, 'ann', 403, 'video_paused'],
])('%s with %j of %s is refused', async (id, body, member, status, code) => {
  const answer = await post(id, body, member);
  expect([answer.status, answer.body.code, sent]).toEqual([status, code, []]);
});
