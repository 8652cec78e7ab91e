import { createTokens, memberIn, renewalMs } from '../../client/tokens';
import { msUntilEnd } from '../../frontends/viewers/token-end';
import { token } from '../runtime/members/tokens';

/** Lives from 5 s to a day, in s. */
const LIVES = [5, 6, 10, 20, 60, 300, 600, 3_600, 86_400];

/** When tokens are fetched: the server writes whole seconds, and these have begun. */
const NOW_MS = 1_700_000_000_999;
const ISSUED_S = Math.floor(NOW_MS / 1_000);

function tokenOf(lifeS: number, issuedS = ISSUED_S): string {
  return token({ sub: 'ann', iat: issuedS, exp: issuedS + lifeS });
}

/** The earliest time at which the server ends a stream that is opened now, in ms from now. */
function earliestEndMs(lifeS: number, issuedS = ISSUED_S): number {
  const times = { issuedAt: issuedS * 1_000, expiresAt: (issuedS + lifeS) * 1_000 };
  return msUntilEnd(times, Date.now(), () => 1) ?? Number.NaN;
}

describe('the time until a token is renewed', () => {
  beforeEach(() => jest.useFakeTimers({ now: NOW_MS }));
  afterEach(() => jest.useRealTimers());

  it.each(LIVES)('leaves a third until the first end at a life of %i s', (lifeS) => {
    for (const random of [0, 0.5, 1]) {
      const ms = renewalMs(tokenOf(lifeS), random);
      expect(ms).toBeLessThanOrEqual((earliestEndMs(lifeS) * 2) / 3);
      expect(ms).toBeGreaterThanOrEqual(1_000);
    }
  });

  it.each(LIVES.slice(2))('is as well if %i s are half over', (lifeS) => {
    const issuedS = ISSUED_S - lifeS / 2;
    const ms = renewalMs(tokenOf(lifeS, issuedS), 1);
    expect(ms).toBeLessThanOrEqual((earliestEndMs(lifeS, issuedS) * 2) / 3);
  });

  it('is spread', () => {
    expect(renewalMs(tokenOf(600), 1) - renewalMs(tokenOf(600), 0)).toBeGreaterThan(100_000);
  });

  it('needs no right clock', () => {
    for (const issuedS of [ISSUED_S - 86_400, ISSUED_S + 86_400]) {
      expect(renewalMs(tokenOf(600, issuedS), 0)).toBe(180_000);
    }
    // A clock that is ahead by nearly the whole life renews early, but not all the time.
    expect(renewalMs(tokenOf(600, ISSUED_S - 599), 0)).toBe(18_000);
  });

  it('is what a timer can wait for', () => {
    const longest = 2 ** 31 - 1;
    expect(renewalMs(tokenOf(4_000_000_000), 1)).toBe(longest);
    for (const each of [undefined, '', 'a.b.c', token({ sub: 'ann' }), tokenOf(-5)]) {
      expect(renewalMs(each, 1)).toBe(longest);
    }
  });
});

describe('the tokens of a connection', () => {
  it('are fetched once, and again after a refusal', async () => {
    let fetched = 0;
    const tokens = createTokens(() => `${++fetched}`);
    expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['1', '1']);
    expect(await Promise.all([tokens.get('1'), tokens.get()])).toEqual(['2', '2']);
    expect(await tokens.get('1')).toBe('2');
  });

  it('are asked for again after a failure', async () => {
    let fetched = 0;
    const tokens = createTokens(() => {
      if (fetched++ === 0) throw new Error('offline');
      return 'a';
    });
    await expect(tokens.get()).rejects.toThrow('offline');
    expect(await tokens.get()).toBe('a');
  });

  it('name a member', () => {
    const names = ['ann', 'ä', 'a b'].map((sub) => memberIn(token({ sub, exp: 4_000_000_000 })));
    expect(names).toEqual(['ann', undefined, undefined]);
    expect([memberIn(undefined), memberIn('x')]).toEqual([undefined, undefined]);
  });
});
