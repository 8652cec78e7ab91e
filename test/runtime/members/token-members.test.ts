import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, type KeyLike, SignJWT } from 'jose';
import { AnonymousMembers, memberId, TokenMembers } from '../../../runtime/members/token-members';
import { ID_PATTERN } from '../../../schemas/ids';
import { Seeded } from '../../simulation/seeded';
import { contextOf } from '../requests';

const SECRET = 'a secret of this test, and of no other';

function token(claims: JWTPayload, secret = SECRET, alg = 'HS256'): Promise<string> {
  const key = new TextEncoder().encode(secret);
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}

const unauthorized = expect.objectContaining({ code: 'unauthorized', status: 401 });

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}

describe('members by token', () => {
  const members = new TokenMembers({ secret: SECRET, claim: 'sub' });
  const memberOf = (headers: Record<string, string>, url = '/stream') =>
    members.memberOf(contextOf(url, headers));

  it('are named by `sub`, from the Authorization header', async () => {
    const good = await token({ sub: 'ann', exp: inSeconds(60) });
    expect((await memberOf({ authorization: `Bearer ${good}` })).id).toBe('ann');
    expect((await memberOf({ authorization: `bearer ${good}` })).id).toBe('ann');
  });

  it('are also named by `?access_token=`, which EventSource needs', async () => {
    const good = await token({ sub: 'ann' });
    expect((await memberOf({}, `/stream?access_token=${good}`)).id).toBe('ann');
  });

  it('are refused without a token', async () => {
    await expect(memberOf({})).rejects.toEqual(unauthorized);
    await expect(memberOf({ authorization: 'Basic YTpi' })).rejects.toEqual(unauthorized);
    await expect(memberOf({ authorization: 'Bearer ' })).rejects.toEqual(unauthorized);
    const twice = '/stream?access_token=a&access_token=b';
    await expect(memberOf({}, twice)).rejects.toEqual(unauthorized);
  });

  it.each<[string, () => Promise<string>]>([
    ['is over', () => token({ sub: 'ann', exp: inSeconds(-60) })],
    ['is not valid yet', () => token({ sub: 'ann', nbf: inSeconds(60) })],
    ['another secret signed', () => token({ sub: 'ann' }, 'another secret, unknown to the server')],
    ['was signed in another way', () => token({ sub: 'ann' }, SECRET, 'HS512')],
    ['is no token', async () => 'not.a.token'],
    ['nobody signed', async () => unsigned({ sub: 'ann' })],
    ['was changed', async () => changed(await token({ sub: 'ann' }))],
    ['names no member', () => token({ name: 'ann' })],
    ['names an empty member', () => token({ sub: '' })],
  ])('are refused with a token that %s', async (_, made) => {
    const authorization = `Bearer ${await made()}`;
    await expect(memberOf({ authorization })).rejects.toEqual(unauthorized);
  });

  it('get no reason for an invalid token', async () => {
    const over = await token({ sub: 'ann', exp: inSeconds(-60) });
    const error = await memberOf({ authorization: `Bearer ${over}` }).catch((thrown) => thrown);
    expect(error.toProblem().detail).toBe('the token is not valid');
  });

  it('may be named by another claim', async () => {
    const byName = new TokenMembers({ secret: SECRET, claim: 'member' });
    const good = await token({ sub: 'ann', member: 'a@example.org' });
    const context = contextOf('/stream', { authorization: `Bearer ${good}` });
    expect((await byName.memberOf(context)).id).toBe('a_example.org');
  });
});

describe('members by a file of public keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-jwks-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function signed(key: KeyLike): Promise<Record<string, string>> {
    const jwt = new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'ES256', kid: 'key-1' });
    return { authorization: `Bearer ${await jwt.sign(key)}` };
  }

  it('have a token that one of the keys signed', async () => {
    const ours = await generateKeyPair('ES256');
    const theirs = await generateKeyPair('ES256');
    const jwksFile = join(folder, 'jwks.json');
    const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'key-1', alg: 'ES256' };
    writeFileSync(jwksFile, JSON.stringify({ keys: [jwk] }));
    const members = new TokenMembers({ jwksFile, claim: 'sub' });
    const good = contextOf('/stream', await signed(ours.privateKey));
    expect((await members.memberOf(good)).id).toBe('ann');
    const bad = contextOf('/stream', await signed(theirs.privateKey));
    await expect(members.memberOf(bad)).rejects.toEqual(unauthorized);
  });

  it('are refused if the public key was used as a secret', async () => {
    const { publicKey } = await generateKeyPair('ES256');
    const jwksFile = join(folder, 'confused.json');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256' };
    writeFileSync(jwksFile, JSON.stringify({ keys: [jwk] }));
    const members = new TokenMembers({ jwksFile, claim: 'sub' });
    const authorization = `Bearer ${await token({ sub: 'ann' }, JSON.stringify(jwk))}`;
    await expect(members.memberOf(contextOf('/', { authorization }))).rejects.toEqual(unauthorized);
  });
});

describe('a claim as an id', () => {
  it('keeps allowed characters', () => {
    expect(memberId('Ann_1.x-Z')).toBe('Ann_1.x-Z');
  });

  it('replaces other characters with `_`, and is cut at 64 characters', () => {
    expect(memberId('auth0|a b/é')).toBe('auth0_a_b__');
    expect(memberId('x'.repeat(100))).toBe('x'.repeat(64));
    expect(memberId('👋')).toMatch(ID_PATTERN);
  });

  it.each([[undefined], [null], [42], [''], [['ann']], [{ id: 'ann' }]])('is not %j', (claim) => {
    expect(() => memberId(claim)).toThrow(unauthorized);
  });
});

describe('anonymous members', () => {
  const members = new AnonymousMembers(new Seeded(3).entropy);

  it('get an id, and a cookie that keeps it and is hidden from scripts', async () => {
    const context = contextOf('/stream');
    const { id } = await members.memberOf(context);
    expect(id).toMatch(/^anonymous-[0-9a-f]{32}$/);
    expect(id).toMatch(ID_PATTERN);
    const cookie = String(context.response.get('Set-Cookie'));
    expect(cookie).toContain(`likestream_member=${id};`);
    expect(cookie).toMatch(/httponly/i);
    expect(cookie).toMatch(/samesite=lax/i);
  });

  it('keep their id', async () => {
    const id = `anonymous-${'0a'.repeat(16)}`;
    const context = contextOf('/stream', { cookie: `likestream_member=${id}` });
    expect((await members.memberOf(context)).id).toBe(id);
  });

  it('cannot choose their id', async () => {
    const context = contextOf('/stream', { cookie: 'likestream_member=ann' });
    expect((await members.memberOf(context)).id).toMatch(/^anonymous-[0-9a-f]{32}$/);
  });

  it('get different ids', async () => {
    const made = [contextOf('/'), contextOf('/')].map((context) => members.memberOf(context));
    const ids = (await Promise.all(made)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });
});

function unsigned(claims: JWTPayload): string {
  const part = (of: object) => Buffer.from(JSON.stringify(of)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

function changed(jwt: string): string {
  const [head, , signature] = jwt.split('.');
  const claims = Buffer.from(JSON.stringify({ sub: 'bob' })).toString('base64url');
  return [head, claims, signature].join('.');
}
