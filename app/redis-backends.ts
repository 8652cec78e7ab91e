import type { RedisClient } from '../adapters/redis/client';
import { RedisContributions } from '../adapters/redis/contributions';
import { RedisCooldowns } from '../adapters/redis/cooldowns';
import { RedisDirectory } from '../adapters/redis/directory';
import { RedisLeases } from '../adapters/redis/leases';
import { RedisRateLevels } from '../adapters/redis/rate-levels';
import { RedisCache } from '../adapters/redis/state-cache';
import { systemClock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { leasedOriginOf } from '../schemas/origins';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** The back ends that are in Redis. */
type RedisBackends = Pick<
  Backends,
  'cache' | 'contributions' | 'cooldowns' | 'directory' | 'leases' | 'rateLevels'
>;

/** Back ends on this client. */
export function redisBackends(
  redis: RedisClient,
  { identity, names, settings, types }: ProcessContext,
): RedisBackends {
  const codes = identity.keys;
  const origin = leasedOriginOf(settings.DATACENTER);
  return {
    directory: new RedisDirectory(redis, names, origin),
    leases: new RedisLeases(redis, names, codes),
    cache: new RedisCache(redis, types, names, codes),
    contributions: new RedisContributions({
      ...{ redis, types, names, codes, origin },
      newLife: () => systemEntropy.secretId(),
    }),
    cooldowns: new RedisCooldowns(redis, names),
    rateLevels: new RedisRateLevels(redis, names, systemClock),
  };
}
