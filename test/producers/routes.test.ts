import { EventEmitter, once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import { addEntryRoutes } from '../../producers/routes';
import { problems } from '../../runtime/problems';
import type { LoggedType } from '../../schemas/event-type';
import { likes } from '../../schemas/likes';
import { MEMBER_RIGHTS } from '../../schemas/rights';
import { call } from '../end-to-end/api';
import { backend, notes, votes } from './parts';

const TYPES: readonly LoggedType[] = [likes, votes, notes(true)];

let server: Server;
let base: string;
const taken: unknown[][] = [];
const banned = new Set(['bad']);
const asked = new EventEmitter();

beforeAll(async () => {
  const [app, router] = [new Koa(), new Router()];
  app.use(problems(() => undefined));
  for (const type of TYPES) {
    addEntryRoutes(router, {
      type,
      acceptance: backend(type).acceptance,
      facts: {
        isPaused: (channel) => channel === 'video:paused',
        slowModeMs: () => 0,
        isBanned(memberId) {
          const isBanned = banned.has(memberId);
          asked.emit('asked', memberId);
          return isBanned;
        },
      },
      members: {
        memberOf: async (ctx) => ({
          ...{ id: ctx.get('Member') || 'ann', rights: MEMBER_RIGHTS, isAnonymous: false },
        }),
      },
      measures: { taken: (...of) => taken.push(of) },
    });
  }
  app.use(router.routes());
  server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  taken.length = 0;
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const { status, text } = await call(base, 'POST', path, { body, headers });
  return { status, text, body: JSON.parse(text) };
}

describe('POST of an entry', () => {
  it('of a paused channel or a banned member is refused before its body is read', async () => {
    const paused = await post('/videos/paused/likes', { likeId: '!' });
    expect([paused.status, paused.body.code]).toEqual([403, 'video_paused']);
    const banned = await post('/videos/42/likes', { likeId: '!' }, { Member: 'bad' });
    expect([banned.status, banned.body.code]).toEqual([403, 'member_banned']);
    expect(taken).toEqual([]);
  });

  it('is answered with its id, channel, body, time and place', async () => {
    const answer = await post('/videos/42/likes', { likeId: 'a', reaction: 'love' });
    expect(answer.status).toBe(201);
    const { at, ...rest } = answer.body;
    expect(at).toEqual(expect.any(Number));
    expect(rest).toEqual({ likeId: 'a', videoId: '42', reaction: 'love', place: 'dc1.1@0' });
    expect(taken).toEqual([
      ['likes', 'new', 1],
      ['likes', 'known', 0],
    ]);
  });

  it('with a known id is answered 200 with the same text', async () => {
    const first = await post('/videos/43/likes', { likeId: 'a', reaction: 'love' });
    taken.length = 0;
    const again = await post('/videos/43/likes', { likeId: 'a', reaction: 'funny' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.text).toBe(first.text);
    expect(taken).toEqual([
      ['likes', 'new', 0],
      ['likes', 'known', 1],
    ]);
  });

  it('with a list is answered with a list in the same order', async () => {
    const list = [{ likeId: 'a' }, { likeId: 'b', reaction: 'love' }, { likeId: 'a' }];
    const answer = await post('/videos/44/likes', { likes: list });
    expect(answer.status).toBe(201);
    const place = answer.body.likes[0].place;
    expect(answer.body.likes).toMatchObject([
      { likeId: 'a', videoId: '44', reaction: 'like', place },
      { likeId: 'b', videoId: '44', reaction: 'love', place },
      { likeId: 'a', videoId: '44', reaction: 'like', place },
    ]);
  });

  it('of a member is answered with the member’s id', async () => {
    const headers = { Member: 'bob' };
    const first = await post('/videos/42/votes', { option: 'yes' }, headers);
    const again = await post('/videos/42/votes', { option: 'no' }, headers);
    expect(first.body).toMatchObject({ memberId: 'bob', videoId: '42', option: 'yes' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.text).toBe(first.text);
  });

  it('of another kind of channel has its path, and fields in the order of columns', async () => {
    const answer = await post('/books/7/notes', { pages: 3, noteId: 'n', text: 'hello' });
    const names = ['noteId', 'bookId', 'text', 'pages', 'at', 'place'];
    expect(Object.keys(answer.body)).toEqual(names);
    expect((await post('/books/7/likes', {})).status).toBe(404);
  });

  it.each<[string, unknown, string]>([
    ['/videos/a%20b/likes', {}, 'invalid_id'],
    ['/videos/42/likes', { likeId: 'a b' }, 'invalid_id'],
    ['/videos/42/likes', { reaction: 'hate' }, 'unknown_reaction'],
    ['/videos/42/likes', { colour: 'red' }, 'invalid_body'],
    ['/videos/42/likes', '{', 'malformed_json'],
    ['/videos/42/votes', { option: 'yes', memberId: 'eve' }, 'invalid_body'],
  ])('%s %j is refused with %s', async (path, body, code) => {
    const answer = await post(path, body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(taken).toEqual([]);
  });
});

it('an entry is refused if the member is banned while its body is on its way', async () => {
  const headers = { Member: 'late' };
  const sent = request(`${base}/videos/42/likes`, { method: 'POST', headers });
  const began = once(asked, 'asked');
  sent.flushHeaders();
  await began;
  banned.add('late');
  sent.end('{}');
  const [answer] = await once(sent, 'response');
  answer.resume();
  expect([answer.statusCode, taken]).toEqual([403, []]);
});
