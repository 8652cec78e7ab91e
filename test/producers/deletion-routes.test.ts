import { addDeletionRoutes } from '../../producers/deletion-routes';
import type { Deleter } from '../../producers/deletions';
import { LikestreamError } from '../../schemas/errors';
import { ClaimedRights, type RightsClaim } from '../../schemas/rights';
import { call } from '../end-to-end/api';
import { posts } from './history-parts';
import { RouteServer } from './route-server';

const RIGHTS: Readonly<Record<string, RightsClaim>> = {
  ann: { write: ['posts:*'] },
  mod: { moderate: ['video:42'] },
  eve: { watch: ['*'] },
  bad: { write: ['*'] },
};

let server: RouteServer;
const deleted: (readonly [string, string, Deleter])[] = [];
const lines: unknown[][] = [];

beforeAll(async () => {
  server = await RouteServer.start((router) => {
    addDeletionRoutes(router, {
      type: posts,
      deletions: {
        async delete(channel, id, deleter) {
          if (id === 'unknown') throw new LikestreamError('not_found');
          deleted.push([channel, id, deleter]);
        },
      },
      log: { info: (...line: unknown[]) => void lines.push(line) },
      facts: {
        isPaused: () => true,
        isBanned: (memberId) => memberId === 'bad',
        slowModeMs: () => 0,
      },
      members: {
        memberOf: async (ctx) => {
          const id = ctx.get('Member');
          return { id, rights: new ClaimedRights(RIGHTS[id] ?? {}), isAnonymous: id === '' };
        },
      },
    });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  deleted.length = 0;
  lines.length = 0;
});

async function remove(path: string, member: string) {
  const { status, text } = await call(server.url, 'DELETE', path, { headers: { Member: member } });
  return { status, code: text === '' ? undefined : JSON.parse(text).code };
}

it('deletes the entry of a member, also during a pause', async () => {
  expect((await remove('/videos/42/posts/p1', 'ann')).status).toBe(204);
  expect((await remove('/videos/42/posts/p2', 'mod')).status).toBe(204);
  expect(deleted).toEqual([
    ['video:42', 'p1', { memberId: 'ann', isModerator: false }],
    ['video:42', 'p2', { memberId: 'mod', isModerator: true }],
  ]);
});

it('logs what a moderator deleted, and no deletion by a member', async () => {
  await remove('/videos/42/posts/p1', 'ann');
  await remove('/videos/42/posts/p2', 'mod');
  const line = { memberId: 'mod', channel: 'video:42', type: 'posts', id: 'p2' };
  expect(lines).toEqual([[line, 'a moderator deleted']]);
});

it.each([
  ['/videos/42/posts/unknown', 'ann', 404, 'not_found'],
  ['/videos/42/posts/a%20b', 'ann', 400, 'invalid_id'],
  ['/videos/42/posts/p1', 'eve', 403, 'forbidden'],
  ['/videos/43/posts/p1', 'mod', 403, 'forbidden'],
  ['/videos/42/posts/p1', 'bad', 403, 'member_banned'],
  ['/videos/42/posts/p1', '', 401, 'unauthorized'],
])('DELETE %s of %s is refused', async (path, member, status, code) => {
  expect(await remove(path, member)).toEqual({ status, code });
  expect([deleted, lines]).toEqual([[], []]);
});
