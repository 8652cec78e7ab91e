import { SECRET, token } from '../runtime/members/tokens';
import { type Answer, call, post, problemIn } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

afterAll(endServers);

function bearer(claims: object): { headers: Record<string, string> } {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return { headers: { Authorization: `Bearer ${token({ sub: 'ann', exp, ...claims })}` } };
}

function codeOf(answer: Answer): string {
  return answer.status < 300 ? String(answer.status) : `${answer.status} ${problemIn(answer).code}`;
}

/** What a client may do with two videos: like, read and watch each. */
async function outcomes(server: Server, options: object): Promise<string[]> {
  const all: string[] = [];
  for (const video of ['1', '2']) {
    all.push(codeOf(await post(server.url, video, {}, options)));
    all.push(codeOf(await call(server.url, 'GET', `/videos/${video}/likes`, options)));
    all.push(await streamed(server, [`video:${video}`], options));
  }
  return all;
}

/** `200` if a stream opens, else its problem. */
async function streamed(server: Server, channels: string[], options: object): Promise<string> {
  const viewer = new StreamClient(server.url, channels, options);
  try {
    await viewer.next('snapshot', () => true, 3_000);
    return '200';
  } catch {
    const path = `/stream?${channels.map((channel) => `channel=${channel}`).join('&')}`;
    return codeOf(await call(server.url, 'GET', path, options));
  } finally {
    viewer.close();
  }
}

const NO = '403 forbidden';
const WHO = '401 unauthorized';

describe('the rights of a token', () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ env: { JWT_SECRET: SECRET } });
  });

  it.each<[string, object, string[]]>([
    ['without the claim all', {}, ['201', '200', '200', '201', '200', '200']],
    ['with an empty claim nothing', { likestream: {} }, [NO, NO, NO, NO, NO, NO]],
    [
      'by channel',
      { likestream: { watch: ['video:1'], write: ['likes:video:2'] } },
      [NO, '200', '200', '201', NO, NO],
    ],
    [
      'by a pattern',
      { likestream: { watch: ['video:*'], write: ['comments:*'] } },
      [NO, '200', '200', NO, '200', '200'],
    ],
  ])('grant %s', async (_, claims, expected) => {
    expect(await outcomes(server, bearer(claims))).toEqual(expected);
  });

  it('refuse a stream if one of its channels is forbidden', async () => {
    const options = bearer({ likestream: { watch: ['video:1'] } });
    expect(await streamed(server, ['video:1', 'video:2'], options)).toBe(NO);
  });

  it('that are malformed make the token invalid', async () => {
    const answer = await post(server.url, '1', {}, bearer({ likestream: { write: 'all' } }));
    expect(codeOf(answer)).toBe(WHO);
  });
});

describe('clients without a token', () => {
  it.each<[string, string[]]>([
    ['none', [WHO, WHO, WHO, WHO, WHO, WHO]],
    ['watch', [WHO, '200', '200', WHO, '200', '200']],
    ['all', ['201', '200', '200', '201', '200', '200']],
  ])('may do what ANONYMOUS=%s says', async (allowed, expected) => {
    const server = await Server.start({ env: { JWT_SECRET: SECRET, ANONYMOUS: allowed } });
    expect(await outcomes(server, {})).toEqual(expected);
    const wrong = { headers: { Authorization: 'Bearer x' } };
    expect(codeOf(await call(server.url, 'GET', '/videos/1/likes', wrong))).toBe(WHO);
  });

  it.each(['0', '1'])('are given no id by a refusal (WORKERS=%s)', async (workers) => {
    const env = { JWT_SECRET: SECRET, ANONYMOUS: 'watch', WORKERS: workers };
    const server = await Server.start({ env });
    const { headers, status } = await post(server.url, '1', {});
    expect([status, headers['set-cookie']]).toEqual([401, undefined]);
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  it.each(['0', '1'])('are logged and counted when refused (WORKERS=%s)', async (workers) => {
    const env = { JWT_SECRET: SECRET, ANONYMOUS: 'watch', WORKERS: workers, LOG_LEVEL: 'info' };
    const server = await Server.start({ env });
    await post(server.url, '1', {});
    const { text } = await call(server.adminUrl, 'GET', '/metrics');
    expect(text).toMatch(/^likestream_refusals_total\{reason="missing"\} 1$/m);
    const { stderr } = await server.stop();
    expect(stderr).toMatch(/"reason":"missing","address":"127\.0\.0\.1".*"refused a request"/);
  });

  it('keep their id over a restart, and no cookie comes with a total', async () => {
    const server = await Server.startToReturn();
    const first = await post(server.url, '1', {});
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    const read = await call(server.url, 'GET', '/videos/1/likes');
    expect(read.headers['set-cookie']).toBeUndefined();
    await server.stop();
    const again = await server.startAgain({ WORKERS: '1' });
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    const second = await post(again.url, '1', {}, { headers });
    expect([second.status, second.headers['set-cookie']]).toEqual([201, undefined]);
  });
});

describe('refusals', () => {
  it('stand in the log with reason and address, and without the token', async () => {
    const server = await Server.start({ env: { JWT_SECRET: SECRET, LOG_LEVEL: 'info' } });
    const foreign = token({ sub: 'ann' }, 'a key that the server does not know');
    for (let times = 0; times < 20; times++) {
      await post(server.url, '1', {}, { headers: { Authorization: `Bearer ${foreign}` } });
    }
    await post(server.url, '1', {});
    const { stderr } = await server.stop();
    const lines = stderr.split('\n').filter((line) => line.includes('refused a request'));
    const parsed = lines.map((line): Record<string, unknown> => JSON.parse(line));
    const reasons = parsed.map(({ reason, address }) => [reason, address]);
    expect(reasons).toContainEqual(['wrong_key', expect.stringContaining('127.0.0.1')]);
    expect(reasons).toContainEqual(['missing', expect.stringContaining('127.0.0.1')]);
    expect(lines.length).toBeLessThan(10);
    expect(stderr).not.toContain(foreign.split('.')[1]);
  });

  it.each([
    ['an empty key', { JWT_SECRET: '' }, /JWT_SECRET: it is empty: unset it, or make one/],
    ['a short key of a role', { JWT_SECRET: 'short', ROLE: 'producer' }, /JWT_SECRET: .*32 bytes/],
    ['no file', { JWT_JWKS_FILE: '/nope' }, /JWT_JWKS_FILE: \/nope: cannot be read \(ENOENT\)/],
    ['no set', { JWT_JWKS_FILE: __filename }, /JWT_JWKS_FILE: .*rights.test.ts: it is not a JWKS/],
    ['nobody', { ANONYMOUS: 'none' }, /ANONYMOUS: none without a key refuses everyone/],
  ])('of the start name the setting: %s', async (_, env, expected) => {
    const { code, stderr } = await Server.startInVain({ env: env as Record<string, string> });
    expect([code, stderr]).toEqual([1, expect.stringMatching(expected)]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
