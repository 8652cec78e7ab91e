import type { Context } from 'koa';
import { AnonymousIds } from '../../../runtime/members/anonymous-ids';
import { Cookies } from '../../../runtime/members/cookies';
import { RequestMembers } from '../../../runtime/members/request-members';
import { SecretKey } from '../../../runtime/members/token-keys';
import { TokenVerifier } from '../../../runtime/members/token-verifier';
import { MEMBER_RIGHTS } from '../../../schemas/rights';
import { Seeded } from '../../simulation/seeded';
import { VirtualClock } from '../../simulation/virtual-clock';
import { contextOf } from '../requests';
import { SECRET, token } from './tokens';

const unauthorized = expect.objectContaining({ code: 'unauthorized', status: 401 });

/** Members by token, by anonymous ids, or by both. */
function members(kinds: { token?: boolean; anonymous?: boolean; keys?: readonly Buffer[] }) {
  const clock = new VirtualClock();
  const cookies = new Cookies({ sameSite: 'lax', isSecure: false });
  const refusals: string[][] = [];
  const keys = kinds.keys ?? [Buffer.from('key of anonymous ids')];
  const ids = new AnonymousIds({ keys: () => keys, entropy: new Seeded(3).entropy, cookies });
  const verifier = new TokenVerifier({
    ...{ keys: new SecretKey(SECRET), memberClaim: 'sub', requiresExpiry: true, clock },
  });
  const all = new RequestMembers({
    ...{ clock, cookies, refused: (...refusal) => refusals.push(refusal) },
    verifier: kinds.token ? verifier : undefined,
    anonymous: kinds.anonymous ? { ids, rights: MEMBER_RIGHTS } : undefined,
  });
  const valid = (sub: string, seconds = 60) =>
    token({ sub, exp: Math.floor(clock.now() / 1_000) + seconds });
  return { all, clock, refusals, valid };
}

function request(headers: Record<string, string> = {}, url = '/stream', method = 'GET'): Context {
  const context = contextOf(url, headers);
  context.req.method = method;
  return context;
}

function bearer(text: string): Record<string, string> {
  return { authorization: `Bearer ${text}` };
}

function cookieOf({ response }: Context): string {
  return [response.get('Set-Cookie')].flat().join();
}

const { all, clock, refusals, valid } = members({ token: true });
beforeEach(() => {
  refusals.length = 0;
});

describe('members by token', () => {
  it('are named by the Authorization header', async () => {
    for (const scheme of ['Bearer', 'bearer', 'Bearer ']) {
      const context = request({ authorization: `${scheme} ${valid('ann')}` });
      expect((await all.memberOf(context)).id).toBe('ann');
    }
  });

  it('are named by the query on the stream alone', async () => {
    const url = `/stream?access_token=${valid('ann')}`;
    expect((await all.memberOf(request({}, url), 'stream')).id).toBe('ann');
    await expect(all.memberOf(request({}, url))).rejects.toEqual(unauthorized);
  });

  it('are named by the header first, then by the query, then by the cookie', async () => {
    const cookie = `likestream_session=${valid('cookie')}`;
    const url = `/stream?access_token=${valid('query')}`;
    const ids = [
      await all.memberOf(request({ ...bearer(valid('header')), cookie }, url), 'stream'),
      await all.memberOf(request({ cookie }, url), 'stream'),
      await all.memberOf(request({ cookie }), 'stream'),
      await all.memberOf(request({ cookie }, '/', 'POST')),
    ];
    expect(ids.map(({ id }) => id)).toEqual(['header', 'query', 'cookie', 'cookie']);
  });
});

describe('members without a valid token', () => {
  it('are asked for a token without one', async () => {
    const requests: Record<string, string>[] = [
      {},
      { authorization: 'Basic YTpi' },
      { cookie: 'a=b' },
    ];
    for (const headers of requests) {
      const context = request(headers);
      await expect(all.memberOf(context, 'stream')).rejects.toEqual(unauthorized);
      expect(context.response.get('WWW-Authenticate')).toBe('Bearer');
    }
    expect(refusals.map(([reason]) => reason)).toEqual(['missing', 'missing', 'missing']);
  });

  it.each<[string, () => string, string, string]>([
    ['Bearer', () => '', 'malformed', 'the token is not a signed JWT'],
    ['Bearer a b', () => ' b', 'malformed', 'the token is not a signed JWT'],
    ['a wrong key', () => token({ sub: 'a' }, 'x'), 'wrong_key', 'the token is signed by none'],
  ])('are told why their token is refused: %s', async (_, text, reason, words) => {
    const context = request({ authorization: `Bearer ${text()}` });
    const error = await all.memberOf(context).catch((thrown) => thrown);
    expect(error).toEqual(unauthorized);
    expect(error.toProblem().detail).toContain(words);
    const challenge = context.response.get('WWW-Authenticate');
    expect(challenge).toMatch(/^Bearer error="invalid_token", error_description="[ a-zA-Z]+"$/);
    expect(challenge).toContain(words);
    expect(refusals.map(([first]) => first)).toEqual([reason]);
  });

  it('are refused with several tokens in the query', async () => {
    const url = `/stream?access_token=${valid('ann')}&access_token=${valid('bob')}`;
    await expect(all.memberOf(request({}, url), 'stream')).rejects.toEqual(unauthorized);
  });

  it.each([
    [6, 6_000],
    [1, 6_000],
    [3_600, 600_000],
  ])('may come back after a token that is over: for %i s', async (seconds, retryAfterMs) => {
    const over = valid('ann', -Math.max(seconds, 6));
    await expect(all.memberOf(request(bearer(over)))).rejects.toEqual(
      expect.objectContaining({ code: 'token_expired', status: 401, retryAfterMs }),
    );
  });
});

describe('the session of a member', () => {
  it('keeps the token in a cookie, until it ends', async () => {
    const text = valid('ann', 90);
    const context = request(bearer(text), '/session', 'POST');
    await all.startSession(context);
    expect(cookieOf(context)).toBe(
      `likestream_session=${text}; Path=/; HttpOnly; SameSite=Lax; Max-Age=90`,
    );
    expect(context.response.get('Cache-Control')).toBe('no-store');
    const ended = request({}, '/session', 'DELETE');
    all.endSession(ended);
    expect(cookieOf(ended)).toBe('likestream_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
  });

  it('does not begin by a cookie, an invalid token, or one that is too large', async () => {
    const { all: both } = members({ token: true, anonymous: true });
    const cookie = `likestream_session=${valid('ann')}`;
    const requests: Record<string, string>[] = [{}, { cookie }, bearer('x')];
    for (const headers of requests) {
      const context = request(headers, '/session', 'POST');
      await expect(both.startSession(context)).rejects.toEqual(unauthorized);
      expect(cookieOf(context)).toBe('');
    }
    const exp = clock.now() / 1_000 + 60;
    const large = request(bearer(token({ sub: 'ann', exp, x: 'x'.repeat(4_000) })));
    await expect(all.startSession(large)).rejects.toMatchObject({ code: 'headers_too_large' });
  });
});

describe('cookies', () => {
  const options = { sameSite: 'lax', isSecure: false } as const;
  it.each([
    ['over TLS, as a proxy says', options, { 'x-forwarded-proto': 'https' }, 'Lax; Secure'],
    ['over plain HTTP', options, { 'x-forwarded-proto': 'http' }, 'Lax'],
    ['with the setting', { ...options, isSecure: true }, {}, 'Lax; Secure'],
    ['for other sites', { sameSite: 'none', isSecure: false } as const, {}, 'None; Secure'],
  ])('have the attributes of their way: %s', (_, given, headers, end) => {
    const context = request({ ...headers });
    new Cookies(given).set(context, 'name', 'value', undefined);
    expect(cookieOf(context)).toBe(`name=value; Path=/; HttpOnly; SameSite=${end}`);
  });
});

describe('anonymous members', () => {
  const { all, valid } = members({ anonymous: true });

  async function first(): Promise<{ id: string; cookie: string }> {
    const context = request({}, '/videos/1/likes', 'POST');
    const { id, isNew } = await all.memberOf(context);
    expect([isNew, id]).toEqual([true, expect.stringMatching(/^anonymous-[0-9a-f]{32}$/)]);
    expect(cookieOf(context)).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=31536000$/);
    return { id, cookie: cookieOf(context).split(';')[0] ?? '' };
  }

  it('keep their id by a signed cookie', async () => {
    const { cookie, id } = await first();
    const context = request({ cookie });
    const member = await all.memberOf(context, 'stream');
    expect(member).toMatchObject({ id, isAnonymous: true, isNew: false });
    expect(cookieOf(context)).toBe('');
  });

  it('have one id in a request that is read twice, and different ones in two', async () => {
    const context = request({}, '/', 'POST');
    const [one, again] = [await all.memberOf(context), await all.memberOf(context)];
    expect(again).toBe(one);
    expect((await first()).id).not.toBe(one.id);
  });

  it('cannot choose their id, and not take that of another one', async () => {
    const { cookie } = await first();
    const [, id = '', signature = ''] = /=(anonymous-\w+)\.(.+)$/.exec(cookie) ?? [];
    const other = `anonymous-${'0a'.repeat(16)}`;
    for (const forged of ['ann', id, other, `${other}.${signature}`, `${id}.${'A'.repeat(43)}`]) {
      const context = request({ cookie: `likestream_member=${forged}` }, '/', 'POST');
      const { id: made } = await all.memberOf(context);
      expect([id, other, 'ann']).not.toContain(made);
    }
  });

  it('get no cookie by a GET that others may cache', async () => {
    const context = request({}, '/videos/1/likes');
    expect((await all.memberOf(context)).isAnonymous).toBe(true);
    expect(cookieOf(context)).toBe('');
    const stream = request({});
    await all.memberOf(stream, 'stream');
    expect(cookieOf(stream)).toContain('likestream_member=anonymous-');
  });

  it('keep their id while a key is replaced', async () => {
    const [old, next] = [Buffer.from('old'), Buffer.from('next')];
    const context = request({}, '/', 'POST');
    const { id } = await members({ anonymous: true, keys: [old] }).all.memberOf(context);
    const cookie = cookieOf(context).split(';')[0] ?? '';
    const both = members({ anonymous: true, keys: [next, old] }).all;
    expect((await both.memberOf(request({ cookie }))).id).toBe(id);
    const without = members({ anonymous: true, keys: [next] }).all;
    expect((await without.memberOf(request({ cookie }))).isNew).toBe(true);
  });

  it('are those without a token if tokens are known; a wrong token is refused', async () => {
    const { all: both } = members({ token: true, anonymous: true });
    expect((await both.memberOf(request())).isAnonymous).toBe(true);
    expect((await both.memberOf(request(bearer(valid('ann'))))).id).toBe('ann');
    await expect(both.memberOf(request(bearer('x')))).rejects.toEqual(unauthorized);
  });

  it('are all members without a key, even those with a token', async () => {
    expect((await all.memberOf(request(bearer('x')))).isAnonymous).toBe(true);
  });
});
