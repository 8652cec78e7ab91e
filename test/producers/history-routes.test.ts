import { addHistoryRoutes } from '../../producers/history-routes';
import { ClaimedRights } from '../../schemas/rights';
import { call } from '../end-to-end/api';
import { posts, TestHistory } from './history-parts';
import { RouteServer } from './route-server';

let server: RouteServer;
let history = new TestHistory();

beforeAll(async () => {
  server = await RouteServer.start((router) => {
    addHistoryRoutes(router, {
      type: posts,
      pages: { load: (...of) => history.pages.load(...of) },
      states: { load: async () => history.states() },
      members: {
        memberOf: async () => {
          const rights = new ClaimedRights({ watch: ['video:42'] });
          return { id: 'ann', rights, isAnonymous: false };
        },
      },
    });
  });
});
afterAll(() => server.close());
beforeEach(() => {
  history = new TestHistory();
  for (const offset of [3, 4, 8]) history.add('dc1.1', offset, `p${offset}`, 100 + offset);
});

async function get(path: string) {
  const { headers, status, text } = await call(server.url, 'GET', path);
  return { status, headers, body: JSON.parse(text) };
}

it('answers entries with their members, the newest first', async () => {
  const { body, headers, status } = await get('/videos/42/posts?limit=1');
  expect([status, headers['cache-control']]).toEqual([200, 'private, no-cache']);
  const post = { postId: 'p8', videoId: '42', memberId: 'ann', text: 'p8', at: 108 };
  expect(body).toEqual({
    posts: [{ ...post, place: 'dc1.1@8' }],
    next: '/videos/42/posts?before=dc1.1@8&limit=1',
    id: 'video:42/posts=0:dc1.1@8',
  });
});

it('links each page to the next one, and none to a page after the last', async () => {
  const ids: string[] = [];
  let path: string | undefined = '/videos/42/posts?after=&upTo=dc1.1@4&limit=1';
  while (path !== undefined) {
    const { body } = await get(path);
    ids.push(...body.posts.map(({ postId }: { postId: string }) => postId), body.id);
    path = body.next;
  }
  expect(ids).toEqual(['p3', 'video:42/posts=0:dc1.1@3', 'p4', 'video:42/posts=0:dc1.1@4']);
});

it('answers a deleted entry with its id alone', async () => {
  history.add('dc1.1', 9, 'p4', 109, true);
  const { body } = await get('/videos/42/posts?before=p8');
  expect(body.posts.map((post: object) => Object.keys(post).length)).toEqual([2, 6]);
  expect(body.posts[0]).toEqual({ postId: 'p4', deleted: true });
});

it('answers an empty page of an unknown channel', async () => {
  history = new TestHistory();
  expect((await get('/videos/42/posts')).body).toEqual({ posts: [], id: 'video:42/posts=0:' });
});

it.each([
  ['/videos/a%20b/posts', 400, 'invalid_id'],
  ['/videos/42/posts?limit=x', 400, 'invalid_query'],
  ['/videos/42/posts?before=unknown', 404, 'not_found'],
  ['/videos/43/posts', 403, 'forbidden'],
])('%s is refused', async (path, status, code) => {
  const answer = await get(path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});
