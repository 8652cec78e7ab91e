import { gzipSync } from 'node:zlib';
import { type Answer, call, post, problemIn, range, totalOf } from './api';
import { endServers, Server } from './server';
import { rowsIn } from './store';

const LIMIT = 16 * 1024;

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(endServers);

/** A like as JSON of this many bytes, because of the white space in it. */
function padded(length: number): string {
  const start = '{"reaction":"like"';
  return `${start}${' '.repeat(length - start.length - 1)}}`;
}

const BAD_BODIES: readonly [string, unknown, string][] = [
  ['JSON that ends too early', '{"likeId":', 'malformed_json'],
  ['no JSON at all', 'hello', 'malformed_json'],
  ['a form', 'likeId=1&reaction=love', 'malformed_json'],
  ['JSON with a comma too many', '{"reaction":"love",}', 'malformed_json'],
  ['a list', '[]', 'invalid_body'],
  ['a list of likes', '[{"likeId":"a"}]', 'invalid_body'],
  ['an unknown reaction', { reaction: 'hate' }, 'unknown_reaction'],
  ['an empty reaction', { reaction: '' }, 'unknown_reaction'],
  ['a reaction in capitals', { reaction: 'LIKE' }, 'unknown_reaction'],
  ['the name of a property of every object', { reaction: 'constructor' }, 'unknown_reaction'],
  ['a number as reaction', { reaction: 1 }, 'unknown_reaction'],
  ['a number as id', { likeId: 7 }, 'invalid_id'],
  ['an empty id', { likeId: '' }, 'invalid_id'],
  ['an id with a slash', { likeId: 'a/b' }, 'invalid_id'],
  ['an id with a blank', { likeId: 'a b' }, 'invalid_id'],
  ['an id that ends a line', { likeId: 'a\n' }, 'invalid_id'],
  ['an id of letters beyond ASCII', { likeId: 'ä' }, 'invalid_id'],
  ['an id of 65 characters', { likeId: 'x'.repeat(65) }, 'invalid_id'],
  ['likes that are no list', { likes: {} }, 'invalid_body'],
  ['an unknown key', { reaction: 'like', colour: 'red' }, 'invalid_body'],
  ['an unknown key that is null', { colour: null }, 'invalid_body'],
  ['a key of answers', { at: 1 }, 'invalid_body'],
  ['a key beside the likes', { likes: [{}], reaction: 'love' }, 'invalid_body'],
  ['no likes', { likes: [] }, 'invalid_body'],
  ['51 likes', { likes: range(51).map(() => ({})) }, 'invalid_body'],
  ['likes that are texts', { likes: ['a'] }, 'invalid_body'],
  ['likes of which one is null', { likes: [{}, null] }, 'invalid_body'],
  ['an unknown key among good ones', { likes: [{}, { colour: 'red' }] }, 'invalid_body'],
  ['a bad id among good ones', { likes: [{}, { likeId: 'a b' }, {}] }, 'invalid_id'],
  ['a bad reaction among good ones', { likes: [{}, {}, { reaction: 'x' }] }, 'unknown_reaction'],
];

describe('a like that is refused', () => {
  it.each(BAD_BODIES)(
    'for %s is 400 with its code, and nothing is stored',
    async (_, body, code) => {
      const answer = await post(server.url, 'refused', body);
      expect(answer.status).toBe(400);
      expect(problemIn(answer).code).toBe(code);
      expect(await rowsIn(server.dataDir)).toEqual([]);
      expect(await totalOf(server.url, 'refused')).toBe(0);
    },
  );

  it.each(['null', '"text"', '5', 'true'])('for being %s is 400', async (body) => {
    const answer = await post(server.url, 'refused', body);
    expect(answer.status).toBe(400);
    expect(['malformed_json', 'invalid_body']).toContain(problemIn(answer).code);
  });

  it('for more than 16 KiB is 413, and 16 KiB are accepted', async () => {
    const over = await post(server.url, 'large', padded(LIMIT + 1));
    expect([over.status, problemIn(over).code]).toEqual([413, 'body_too_large']);
    expect(await totalOf(server.url, 'large')).toBe(0);
    expect((await post(server.url, 'large', padded(LIMIT))).status).toBe(201);
  });

  it('for more than 16 KiB without a length, or compressed, is 413 too', async () => {
    const headers = { 'Transfer-Encoding': 'chunked' };
    const chunked = await post(server.url, 'large', padded(2 * LIMIT), { headers });
    expect([chunked.status, problemIn(chunked).code]).toEqual([413, 'body_too_large']);
    const zipped = await post(server.url, 'large', gzipSync(padded(50 * LIMIT)), {
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect([zipped.status, problemIn(zipped).code]).toEqual([413, 'body_too_large']);
  });

  it('for a body of a megabyte is 413, and the client can read the answer', async () => {
    for (const headers of [undefined, { 'Transfer-Encoding': 'chunked' }]) {
      for (const _ of range(5)) {
        const answer = await post(server.url, 'large', padded(64 * LIMIT), { headers });
        expect([answer.status, problemIn(answer).code]).toEqual([413, 'body_too_large']);
      }
    }
  });

  it('for an invalid or unknown encoding is a 4xx problem', async () => {
    for (const encoding of ['gzip', 'br', 'x-unknown']) {
      const headers = { 'Content-Encoding': encoding };
      const answer = await post(server.url, 'refused', '{"reaction":"love"}', { headers });
      expect([encoding, Math.floor(answer.status / 100)]).toEqual([encoding, 4]);
      problemIn(answer);
    }
    expect(await totalOf(server.url, 'refused')).toBe(0);
  });
});

const BAD_PATHS: readonly [string, string, number, string][] = [
  ['GET', '/videos/a%20b/likes', 400, 'invalid_id'],
  ['POST', '/videos/a%20b/likes', 400, 'invalid_id'],
  ['GET', '/videos/a%2Fb/likes', 400, 'invalid_id'],
  ['POST', `/videos/${'x'.repeat(65)}/likes`, 400, 'invalid_id'],
  ['GET', '/videos/%C3%A4/likes', 400, 'invalid_id'],
  ['GET', '/videos/a%0A/likes', 400, 'invalid_id'],
  ['GET', '/videos/%E0%A4%A/likes', 400, 'invalid_id'],
  ['GET', '/videos/%ff/likes', 400, 'invalid_id'],
  ['GET', '/nowhere', 404, 'not_found'],
  ['POST', '/nowhere', 404, 'not_found'],
  ['GET', '/videos', 404, 'not_found'],
  ['GET', '/videos/a/hates', 404, 'not_found'],
  ['GET', '/videos//likes', 404, 'not_found'],
  ['GET', '/metrics', 404, 'not_found'],
  ['POST', '/renewals', 404, 'not_found'],
  ['DELETE', '/videos/a/likes', 405, 'method_not_allowed'],
  ['PUT', '/videos/a/likes', 405, 'method_not_allowed'],
  ['PATCH', '/videos/a/likes', 405, 'method_not_allowed'],
  ['POST', '/stream', 405, 'method_not_allowed'],
];

describe('a request that cannot be answered', () => {
  it.each(BAD_PATHS)('%s %s is %d with code %s', async (method, path, status, code) => {
    const answer = await call(server.url, method, path, {
      body: method === 'GET' ? undefined : {},
    });
    expect([answer.status, problemIn(answer).code]).toEqual([status, code]);
  });

  it('names the methods that are allowed', async () => {
    const answer = await call(server.url, 'DELETE', '/videos/a/likes');
    expect(answer.headers.allow).toMatch(/GET/);
    expect(answer.headers.allow).toMatch(/POST/);
  });

  it('serves no path outside of the page folder', async () => {
    const up = ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json'];
    for (const path of [...up, '/..%5cpackage.json', '//etc/passwd', '/%00', '/%']) {
      const answer = await call(server.url, 'GET', path);
      expect([path, Math.floor(answer.status / 100)]).toEqual([path, 4]);
      expect([path, problemIn(answer).code]).not.toEqual([path, 'invalid_body']);
    }
  });

  it('has status, title, detail and code in every problem', async () => {
    const answers: Record<string, Answer> = {
      malformed: await post(server.url, 'a', '{'),
      wrongId: await post(server.url, 'a', { likeId: 'a b' }),
      badUrl: await call(server.url, 'GET', '/videos/a%20b/likes'),
      unknown: await call(server.url, 'GET', '/nowhere'),
      method: await call(server.url, 'DELETE', '/videos/a/likes'),
      large: await post(server.url, 'a', padded(LIMIT + 1)),
    };
    const bare = Object.keys(answers).filter((name) => {
      const answer = answers[name];
      return answer && problemIn(answer).detail === undefined;
    });
    expect(bare).toEqual([]);
  });

  it('does not stop the server', async () => {
    expect((await post(server.url, 'well', {})).status).toBe(201);
  });
});
