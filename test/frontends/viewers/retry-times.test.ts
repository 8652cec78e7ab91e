import { RetryTimes } from '../../../frontends/viewers/retry-times';
import { Seeded } from '../../simulation/seeded';

const times = new RetryTimes(new Seeded(4).entropy);

function many(of: () => number): number[] {
  return Array.from({ length: 100 }, of);
}

describe('the times after which viewers reconnect', () => {
  it('differ, and are at least a second', () => {
    const all = many(() => times.next());
    expect(new Set(all).size).toBeGreaterThan(80);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...all)).toBeLessThan(3_000);
  });

  it('differ around a given time, too', () => {
    const all = many(() => times.about(600_000));
    expect(new Set(all).size).toBeGreaterThan(80);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(540_000);
    expect(Math.max(...all)).toBeLessThanOrEqual(600_000);
    expect(times.about(undefined)).toBeLessThan(3_000);
  });
});
