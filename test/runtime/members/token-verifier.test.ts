import type { Member } from '../../../runtime/members/member';
import type { Refusal } from '../../../runtime/members/refusal';
import { SecretKey } from '../../../runtime/members/token-keys';
import { type TokenOptions, TokenVerifier } from '../../../runtime/members/token-verifier';
import { VirtualClock } from '../../simulation/virtual-clock';
import { SECRET, token } from './tokens';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

function verifier(options: Partial<TokenOptions> = {}): TokenVerifier {
  const keys = new SecretKey(SECRET);
  return new TokenVerifier({ keys, memberClaim: 'sub', requiresExpiry: true, clock, ...options });
}

/** Seconds since the epoch. */
function inSeconds(seconds: number): number {
  return Math.floor(clock.now() / 1_000) + seconds;
}

function verify(text: string, options: Partial<TokenOptions> = {}): Promise<Member | Refusal> {
  return verifier(options).verify(text);
}

describe('a valid token', () => {
  it('names the member, its times and its rights', async () => {
    const [exp, iat] = [inSeconds(60), inSeconds(-5)];
    const likestream = { watch: ['video:1'] };
    const member = await verify(token({ sub: 'ann', exp, iat, likestream }));
    expect(member).toMatchObject({
      ...{ id: 'ann', expiresAt: exp * 1_000, issuedAt: iat * 1_000, isAnonymous: false },
      rights: { claim: likestream },
    });
  });

  it('may end 5 s ago, and begin in 5 s: clocks differ', async () => {
    expect(await verify(token({ sub: 'ann', exp: inSeconds(-4) }))).toMatchObject({ id: 'ann' });
    const early = token({ sub: 'ann', exp: inSeconds(60), nbf: inSeconds(4) });
    expect(await verify(early)).toMatchObject({ id: 'ann' });
  });

  it('may have times beyond all dates, which are kept finite', async () => {
    const text = token({ sub: 'ann', exp: 1.7e308, iat: -1.7e308 });
    const [expiresAt, issuedAt] = [8.64e15, -8.64e15];
    expect(await verify(text)).toMatchObject({ id: 'ann', expiresAt, issuedAt });
  });

  it('needs no end if the setting says so', async () => {
    expect(await verify(token({ sub: 'ann' }), { requiresExpiry: false })).toMatchObject({
      ...{ id: 'ann', expiresAt: undefined },
    });
  });

  it('may name the member by another claim', async () => {
    const text = token({ sub: 'ann', member: 7, exp: inSeconds(60) });
    expect(await verify(text, { memberClaim: 'member' })).toMatchObject({ id: '7' });
  });

  it('has one of the issuers and one of the audiences', async () => {
    const options = { issuers: ['a', 'b'], audiences: ['x', 'y'] };
    const text = token({ sub: 'ann', exp: inSeconds(60), iss: 'b', aud: ['z', 'y'] });
    expect(await verify(text, options)).toMatchObject({ id: 'ann' });
  });
});

describe('a token is refused', () => {
  const cases: [string, (good: object) => string, Partial<TokenOptions>?][] = [
    ['malformed', () => 'not.a.token'],
    ['malformed', () => ''],
    ['malformed', () => token({ sub: 'ann', exp: String(inSeconds(60)) })],
    ['wrong_key', (good) => token(good, 'another secret of thirty-two bytes')],
    ['wrong_key', (good) => token(good, SECRET, 'HS512')],
    ['wrong_key', (good) => token(good, SECRET, 'none')],
    ['wrong_key', (good) => changed(token(good))],
    ['not_yet_valid', (good) => token({ ...good, nbf: inSeconds(6) })],
    ['no_expiry', () => token({ sub: 'ann' })],
    ['no_member', (good) => token({ ...good, sub: '' })],
    ['no_member', (good) => token({ ...good, sub: undefined })],
    ['malformed_rights', (good) => token({ ...good, likestream: { watch: 'video:*' } })],
    ['wrong_issuer', (good) => token({ ...good, iss: 'z' }), { issuers: ['a'] }],
    ['wrong_issuer', (good) => token(good), { issuers: ['a'] }],
    ['wrong_audience', (good) => token({ ...good, aud: 'z' }), { audiences: ['a'] }],
    ['wrong_audience', (good) => token(good), { audiences: ['a'] }],
  ];
  it.each(cases.map((each, at) => [each[0], at] as const))('as %s (%i)', async (reason, at) => {
    const [, make, options] = cases[at] ?? [reason, () => ''];
    const text = make({ sub: 'ann', exp: inSeconds(60) });
    expect(await verify(text, options)).toEqual({ reason });
  });

  it('as expired, with the time since then', async () => {
    const refusal = await verify(token({ sub: 'ann', exp: inSeconds(-30) }));
    expect(refusal).toEqual({ reason: 'expired', expiredMs: 30_000 });
  });
});

describe('a token that was verified before', () => {
  it('is refused once it has expired', async () => {
    const one = verifier();
    const text = token({ sub: 'ann', exp: inSeconds(60) });
    const first = await one.verify(text);
    expect(await one.verify(text)).toBe(first);
    await clock.advance(64_000);
    expect(await one.verify(text)).toBe(first);
    await clock.advance(1_000);
    expect(await one.verify(text)).toEqual({ reason: 'expired', expiredMs: 5_000 });
  });

  it('is not kept if it has many rights, which need memory', async () => {
    const one = verifier();
    const watch = Array.from({ length: 100 }, (_, id) => `video:${id}`);
    const text = token({ sub: 'ann', exp: inSeconds(60), likestream: { watch } });
    const first = await one.verify(text);
    expect(first).toMatchObject({ id: 'ann', rights: { claim: { watch } } });
    expect(await one.verify(text)).not.toBe(first);
  });

  it('is verified again after the keys have changed', async () => {
    const keys = new ChangingKey();
    const one = verifier({ keys });
    const text = token({ sub: 'ann', exp: inSeconds(60) });
    expect(await one.verify(text)).toMatchObject({ id: 'ann' });
    keys.change('another secret');
    expect(await one.verify(text)).toEqual({ reason: 'wrong_key' });
  });
});

class ChangingKey {
  version = 0;
  private key = new SecretKey(SECRET);

  change(secret: string): void {
    this.key = new SecretKey(secret);
    this.version += 1;
  }

  keepFresh(): void {}

  candidates(header: { alg: string }) {
    return this.key.candidates(header);
  }

  async reread(): Promise<void> {}
}

function changed(jwt: string): string {
  const [head, , signature] = jwt.split('.');
  const claims = Buffer.from(JSON.stringify({ sub: 'bob' })).toString('base64url');
  return [head, claims, signature].join('.');
}
