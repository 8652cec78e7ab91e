import { EmbeddedRateLevels } from '../../adapters/embedded/rate-levels';
import { LATE_MS, RedisRateLevels } from '../../adapters/redis/rate-levels';
import { Names } from '../../schemas/names';
import { VirtualClock } from '../simulation/virtual-clock';
import { describeRateLevelsContract } from './rate-levels.contract';
import { virtualTime } from './time';

describeRateLevelsContract('embedded', async () => {
  const clock = new VirtualClock();
  const levels = new EmbeddedRateLevels(clock);
  return { parts: [levels, levels], time: virtualTime(clock), close: async () => undefined };
});

it('the embedded ones never have more than their limit', async () => {
  const levels = new EmbeddedRateLevels(new VirtualClock(), 10);
  for (let at = 0; at < 100; at++) await levels.add([{ key: `${at}`, used: 1, perS: 1 }]);
  expect(levels.size).toBe(10);
});

it('those in Redis say that it is unavailable', async () => {
  const fail = async () => {
    throw new Error('Redis is unavailable');
  };
  const levels = new RedisRateLevels(
    { eval: fail, evalsha: fail },
    new Names(),
    new VirtualClock(),
  );
  const adding = levels.add([{ key: 'a', used: 1, perS: 1 }]);
  await expect(adding).rejects.toMatchObject({ code: 'directory_unavailable' });
});

it('those in Redis say when a call is late, by the clock of Redis', async () => {
  const clock = new VirtualClock();
  const sent: unknown[] = [];
  const evalsha = async (...args: unknown[]) => {
    sent.push(args.at(-1));
    return ['5000', '1.000'];
  };
  const levels = new RedisRateLevels({ eval: evalsha, evalsha }, new Names(), clock);
  const add = () => levels.add([{ key: 'a', used: 1, perS: 1 }]);
  expect(await add()).toEqual([1]);
  await clock.advance(100);
  await add();
  expect(sent).toEqual([0, 5_100 + LATE_MS]);
});
