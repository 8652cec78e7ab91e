import { Admission } from '../../producers/admission';
import { addCellRoutes } from '../../producers/cell-routes';
import { attributes } from '../../schemas/attributes';
import { ClaimedRights, MEMBER_RIGHTS } from '../../schemas/rights';
import type { Vector } from '../../schemas/state';
import { call, problemIn } from '../end-to-end/api';
import { backend } from './parts';
import { RouteServer } from './route-server';

const BACKEND = new ClaimedRights({ publish: ['video:*'], watch: ['video:*'] });

const parts = backend(attributes);
const taken: unknown[][] = [];
let server: RouteServer;
let vector: Vector = {};

beforeAll(async () => {
  const states = { load: async () => vector };
  server = await RouteServer.start((router) =>
    addCellRoutes(router, {
      type: attributes,
      acceptance: new Admission({ ...parts, states }),
      states,
      facts: {
        isPaused: (channel) => channel === 'video:paused',
        isBanned: (memberId) => memberId === 'bad',
        slowModeMs: () => 0,
      },
      members: {
        memberOf: async (ctx) => {
          const id = ctx.get('Member') || 'backend';
          const rights = id === 'ann' ? MEMBER_RIGHTS : BACKEND;
          return { id, rights, isAnonymous: id === 'nobody' };
        },
      },
      measures: { taken: (...of) => taken.push(of) },
    }),
  );
});
afterAll(() => server.close());
beforeEach(() => {
  parts.log.entries.length = 0;
  taken.length = 0;
});

const send = (method: string, path: string, body?: unknown, member = 'backend') =>
  call(server.url, method, path, { body, headers: { Member: member } });

describe('PUT of a value', () => {
  it.each([[1], ['text'], [false], [{ home: 1, away: [null] }], [[]]])(
    'appends %j and is answered with its place',
    async (value) => {
      const { status, text } = await send('PUT', '/videos/42/attributes/score', { value });
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual({ name: 'score', place: 'dc1.1@0' });
      expect(parts.log.logged).toMatchObject([
        { memberId: 'backend', body: { name: 'score', value } },
      ]);
      expect(taken).toEqual([['attributes', 'new', 1]]);
    },
  );

  it('of null removes it, as DELETE does', async () => {
    expect((await send('PUT', '/videos/42/attributes/a', { value: null })).status).toBe(200);
    const { status, text } = await send('DELETE', '/videos/42/attributes/b');
    expect([status, JSON.parse(text)]).toEqual([200, { name: 'b', place: 'dc1.1@1' }]);
    expect(parts.log.logged.map(({ body }) => body)).toMatchObject([
      { name: 'a', value: null },
      { name: 'b', value: null },
    ]);
  });

  it('is allowed while the video is paused', async () => {
    expect((await send('PUT', '/videos/paused/attributes/a', { value: 1 })).status).toBe(200);
  });

  const deep = `{"value":${'['.repeat(8_000)}${']'.repeat(8_000)}}`;

  it.each<[string, string, unknown, number, string]>([
    ['no value', '/videos/42/attributes/a', {}, 400, 'invalid_body'],
    ['an unknown key', '/videos/42/attributes/a', { value: 1, name: 'a' }, 400, 'invalid_body'],
    ['no object', '/videos/42/attributes/a', '[1]', 400, 'invalid_body'],
    ['no JSON', '/videos/42/attributes/a', '{', 400, 'malformed_json'],
    ['a number without a value', '/videos/42/attributes/a', '{"value":1e999}', 400, 'invalid_body'],
    ['a bad name', '/videos/42/attributes/a%20b', { value: 1 }, 400, 'invalid_id'],
    ['a long name', `/videos/42/attributes/${'a'.repeat(65)}`, { value: 1 }, 400, 'invalid_id'],
    ['a bad channel', '/videos/a%20b/attributes/a', { value: 1 }, 400, 'invalid_id'],
    ['a large value', '/videos/42/attributes/a', { value: 'x'.repeat(4_095) }, 413, 'too_large'],
    [
      'a large body',
      '/videos/42/attributes/a',
      { value: 'x'.repeat(17_000) },
      413,
      'body_too_large',
    ],
  ])('with %s is refused', async (_, path, body, status, code) => {
    const answer = await send('PUT', path, body);
    expect([answer.status, problemIn(answer).code]).toEqual([status, code]);
    expect(parts.log.entries).toEqual([]);
  });

  it('that is nested too deep is refused', async () => {
    expect([400, 413]).toContain((await send('PUT', '/videos/42/attributes/a', deep)).status);
  });

  it.each([
    ['ann', 403, 'forbidden'],
    ['bad', 403, 'member_banned'],
  ])('by %s is refused with %i %s', async (member, status, code) => {
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { value: 1 } : undefined;
      const answer = await send(method, '/videos/42/attributes/a', body, member);
      expect([answer.status, problemIn(answer).code]).toEqual([status, code]);
    }
    expect(parts.log.entries).toEqual([]);
  });
});

describe('GET of a value', () => {
  it('is answered with it and its place; 404 if there is none', async () => {
    const cell = (key: string, value: unknown) => ({ version: 4, key, at: 1, stamp: 1, value });
    const cells = [cell('score', { home: 1 }), cell('gone', null)];
    vector = { 'dc1.1': { version: 4, state: { cells } } };
    const { status, text } = await send('GET', '/videos/42/attributes/score');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { videoId: '42', name: 'score', value: { home: 1 }, place: 'dc1.1@4' },
    ]);
    for (const name of ['gone', 'never']) {
      const answer = await send('GET', `/videos/42/attributes/${name}`);
      expect([answer.status, problemIn(answer).code]).toEqual([404, 'not_found']);
    }
  });
});
