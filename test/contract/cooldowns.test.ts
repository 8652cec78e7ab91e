import { EmbeddedCooldowns } from '../../adapters/embedded/cooldowns';
import { RedisCooldowns } from '../../adapters/redis/cooldowns';
import { Names } from '../../schemas/names';
import { VirtualClock } from '../simulation/virtual-clock';
import { describeCooldownsContract } from './cooldowns.contract';
import { virtualTime } from './time';

describeCooldownsContract('embedded', async () => {
  const clock = new VirtualClock();
  const cooldowns = new EmbeddedCooldowns(clock);
  return {
    parts: [cooldowns, cooldowns],
    time: virtualTime(clock),
    close: async () => undefined,
  };
});

describe('EmbeddedCooldowns', () => {
  it('forgets those that have ended while others begin', async () => {
    const clock = new VirtualClock();
    const cooldowns = new EmbeddedCooldowns(clock);
    for (let at = 0; at < 500; at++) await cooldowns.begin({ name: `${at}`, holder: 'a' }, 1_000);
    await clock.advance(1_001);
    for (let at = 0; at < 500; at++) await cooldowns.begin({ name: `b${at}`, holder: 'a' }, 1_000);
    expect(cooldowns.size).toBeLessThanOrEqual(502);
  });

  it('never has more than its limit; then the oldest ones end early', async () => {
    const cooldowns = new EmbeddedCooldowns(new VirtualClock(), 10);
    const begin = (at: number) => cooldowns.begin({ name: `${at}`, holder: `${at}` }, 60_000);
    for (let at = 0; at < 100; at++) {
      expect(await begin(at)).toBe(0);
      expect(cooldowns.size).toBeLessThanOrEqual(10);
    }
    expect(await cooldowns.begin({ name: '99', holder: 'other' }, 1)).toBeGreaterThan(0);
    expect(await cooldowns.begin({ name: '0', holder: 'other' }, 1)).toBe(0);
  });
});

it('nothing is limited while Redis is unavailable', async () => {
  const fail = async () => {
    throw new Error('Redis is unavailable');
  };
  const cooldowns = new RedisCooldowns({ eval: fail, evalsha: fail }, new Names());
  const cooldown = { name: 'a', holder: 'b' };
  expect(await cooldowns.begin(cooldown, 1_000)).toBe(0);
  await expect(cooldowns.end(cooldown)).resolves.toBeUndefined();
});
