import { EmbeddedRateLevels } from '../../adapters/embedded/rate-levels';
import type { RateLevels } from '../../adapters/rate-levels';
import { EXCHANGE_MS, RateExchange, RETRY_MS } from '../../producers/rate-exchange';
import { LikestreamError } from '../../schemas/errors';
import { VirtualClock } from '../simulation/virtual-clock';

const RATE = { perS: 10, burst: 20 };
const SECONDS = 20;

/** Producers that share levels, unless they are away. */
function producers(count: number) {
  const clock = new VirtualClock();
  const shared = new EmbeddedRateLevels(clock);
  const state = { isAway: false, calls: 0, failures: 0 };
  const levels: RateLevels = {
    async add(uses) {
      state.calls += 1;
      if (state.isAway) throw new LikestreamError('directory_unavailable');
      return shared.add(uses);
    },
  };
  const all = Array.from({ length: count }, () => {
    const exchange = new RateExchange({ levels, clock, failed: () => state.failures++ });
    return { exchange, likes: exchange.allowances('likes', RATE) };
  });
  return { all, clock, state };
}

/** Lets a member like as fast as it can for some seconds; the number that was granted. */
async function likeAll({ all, clock }: ReturnType<typeof producers>, seconds: number) {
  let granted = 0;
  for (let ms = 0; ms < seconds * 1_000; ms += 10) {
    for (const { likes } of all) if (likes.take('ann') === 0) granted += 1;
    await clock.advance(10);
  }
  return granted;
}

describe('RateExchange', () => {
  it('lets all producers together grant the rate, and a burst of each of them', async () => {
    const site = producers(4);
    const granted = await likeAll(site, SECONDS);
    expect(granted).toBeGreaterThanOrEqual(RATE.perS * SECONDS);
    expect(granted).toBeLessThanOrEqual(RATE.perS * SECONDS + 4 * RATE.burst);
    expect(await likeAll(site, SECONDS)).toBeLessThanOrEqual(RATE.perS * SECONDS + 4 * 5);
  });

  it('asks nothing while nobody sends much', async () => {
    const { all, clock, state } = producers(1);
    for (const at of Array(100).keys()) all[0]?.likes.take(`member-${at}`);
    await clock.advance(10_000);
    expect(state.calls).toBe(0);
  });

  it('asks once for many members', async () => {
    const { all, clock, state } = producers(1);
    for (const at of Array(100).keys()) all[0]?.likes.take(`member-${at}`, 5);
    await clock.advance(EXCHANGE_MS + 1);
    expect(state.calls).toBe(1);
    await clock.advance(10_000);
    expect(state.calls).toBe(1);
  });

  it('lets each producer decide alone while the levels are away, and soon together', async () => {
    const site = producers(2);
    site.state.isAway = true;
    const alone = await likeAll(site, SECONDS);
    expect(alone).toBeGreaterThanOrEqual(2 * RATE.perS * SECONDS);
    expect(alone).toBeLessThanOrEqual(2 * (RATE.perS * SECONDS + RATE.burst));
    expect(site.state.failures).toBeGreaterThan(0);
    expect(site.state.failures).toBeLessThanOrEqual((SECONDS * 2_000) / RETRY_MS + 2);
    site.state.isAway = false;
    await likeAll(site, 10);
    const together = await likeAll(site, SECONDS);
    expect(together).toBeGreaterThan(RATE.perS * SECONDS * 0.8);
    expect(together).toBeLessThanOrEqual(RATE.perS * SECONDS + 2 * 5);
  });

  it('has no timer once it is closed', async () => {
    const { all, clock, state } = producers(1);
    const [one] = all;
    one?.likes.take('ann', 20);
    one?.exchange.close();
    one?.likes.take('bob', 20);
    await clock.advance(10_000);
    expect(state.calls).toBe(0);
  });
});
