import fc from 'fast-check';
import '../../fixtures/same-runs';
import { MAX_SPREAD_MS, msUntilEnd } from '../../../frontends/viewers/token-end';

const NOW = 1_700_000_000_000;

function end(expiresInMs: number, fraction: number, issuedAgoMs?: number): number | undefined {
  const issuedAt = issuedAgoMs === undefined ? undefined : NOW - issuedAgoMs;
  return msUntilEnd({ expiresAt: NOW + expiresInMs, issuedAt }, NOW, () => fraction);
}

describe('the end of a stream by its token', () => {
  it('never comes if the token never ends', () => {
    expect(msUntilEnd({}, NOW, () => 0.5)).toBeUndefined();
  });

  it('is spread over the last tenth of the token’s life', () => {
    expect([end(100_000, 0), end(100_000, 0.5), end(100_000, 1)]).toEqual([
      ...[100_000, 95_000, 90_000],
    ]);
    expect(end(100_000, 1, 100_000)).toBe(80_000);
  });

  it('is spread over a minute at most', () => {
    expect(end(86_400_000, 1)).toBe(86_400_000 - MAX_SPREAD_MS);
  });

  it('leaves half of the rest to a viewer that comes back with the same token', () => {
    expect(end(10_000, 1, 3_600_000)).toBe(5_000);
  });

  it('is that of the leeway once the token has expired', () => {
    expect([end(-1_000, 0.5), end(-6_000, 0.5)]).toEqual([4_000, 0]);
  });

  it('is never after that of the token, and never before its last tenth', () => {
    const ms = fc.integer({ min: 1, max: 10_000_000 });
    fc.assert(
      fc.property(ms, ms, fc.double({ min: 0, max: 0.999, noNaN: true }), (rest, age, fraction) => {
        const at = end(rest, fraction, age) ?? Number.NaN;
        expect(at).toBeLessThanOrEqual(rest);
        expect(at).toBeGreaterThanOrEqual(Math.floor(rest - (rest + age) / 10));
        expect(at).toBeGreaterThanOrEqual(Math.floor(rest / 2));
      }),
    );
  });
});
