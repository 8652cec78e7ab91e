import { Allowances } from '../../../runtime/limits/allowances';
import { BadTokens } from '../../../runtime/members/bad-tokens';
import type { Member } from '../../../runtime/members/member';
import { MEMBER_RIGHTS } from '../../../schemas/rights';
import { VirtualClock } from '../../simulation/virtual-clock';

const BURST = 5;
const ANN: Member = { id: 'ann', rights: MEMBER_RIGHTS, isAnonymous: false };
const ADDRESS = '192.0.2.1';

const tooMany = expect.objectContaining({ code: 'too_many_requests' });

function parts() {
  const clock = new VirtualClock();
  const state = { limited: 0, verified: 0 };
  const allowances = new Allowances({ perS: 1, burst: BURST, clock });
  const bad = new BadTokens(allowances, () => {
    state.limited += 1;
  });
  const verify = (result: 'good' | 'bad' | 'known', address = ADDRESS) =>
    bad.verify(address, async (beforeNew) => {
      if (result !== 'known') beforeNew();
      state.verified += 1;
      await Promise.resolve();
      return result === 'bad' ? { reason: 'malformed' } : ANN;
    });
  return { bad, clock, state, verify };
}

describe('BadTokens', () => {
  it('verify no new token of an address once too many were refused', async () => {
    const { clock, state, verify } = parts();
    for (let at = 0; at < BURST; at++) expect(await verify('bad')).toEqual({ reason: 'malformed' });
    await expect(verify('bad')).rejects.toMatchObject({ retryAfterMs: 1_000 });
    await expect(verify('good')).rejects.toEqual(tooMany);
    expect(state).toEqual({ limited: 2, verified: BURST });
    await clock.advance(1_001);
    expect(await verify('good')).toBe(ANN);
  });

  it('do not hinder known tokens, and other addresses', async () => {
    const { verify } = parts();
    for (let at = 0; at < BURST; at++) await verify('bad');
    expect(await verify('known')).toBe(ANN);
    expect(await verify('good', '192.0.2.2')).toBe(ANN);
    await expect(verify('good')).rejects.toEqual(tooMany);
  });

  it('do not count good tokens', async () => {
    const { state, verify } = parts();
    for (let at = 0; at < 10 * BURST; at++) expect(await verify('good')).toBe(ANN);
    expect(state.limited).toBe(0);
  });

  it('count tokens that are verified at the same time', async () => {
    const { state, verify } = parts();
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => verify('bad')));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(BURST);
    expect(state.verified).toBe(BURST);
  });

  it('do not count a token whose keys were unavailable', async () => {
    const { bad, verify } = parts();
    for (let at = 0; at < 2 * BURST; at++) {
      const failing = bad.verify(ADDRESS, async (beforeNew) => {
        beforeNew();
        throw new Error('keys');
      });
      await expect(failing).rejects.toThrow('keys');
    }
    expect(await verify('good')).toBe(ANN);
  });
});
