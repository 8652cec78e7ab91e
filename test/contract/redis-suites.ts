import type { RedisClient } from '../../adapters/redis/client';
import { RedisContributions } from '../../adapters/redis/contributions';
import { RedisCooldowns } from '../../adapters/redis/cooldowns';
import { RedisDirectory } from '../../adapters/redis/directory';
import { RedisLeases } from '../../adapters/redis/leases';
import { RedisRateLevels } from '../../adapters/redis/rate-levels';
import { RedisCache } from '../../adapters/redis/state-cache';
import { systemClock } from '../../runtime/clock';
import { Names } from '../../schemas/names';
import { KEYS } from '../stack/keys';
import { describeCacheContract } from './cache.contract';
import { describeContributionsContract } from './contributions.contract';
import { describeContributionLosses } from './contributions-losses.contract';
import { LEASED_ORIGIN } from './contributions-support';
import { describeCooldownsContract } from './cooldowns.contract';
import { describeDirectoryContract } from './directory.contract';
import { LEASED_TYPES } from './leased-types';
import { describeRateLevelsContract } from './rate-levels.contract';
import { describeForgeries } from './redis-forged.contract';
import { describeRedisKeys, type RedisFixture } from './redis-keys.contract';
import { types } from './stores-types';
import { freshId, realTime as time } from './time';

const names = new Names();
const close = async (): Promise<void> => undefined;

/** The contracts of directory, leases, digests, cache and keys, over one way to run Redis. */
export function describeRedis(
  name: string,
  open: () => RedisFixture & { readonly redis: RedisClient },
): void {
  describeDirectoryContract(name, async () => ({
    directory: new RedisDirectory(open().redis, names, LEASED_ORIGIN),
    leases: new RedisLeases(open().redis, names, KEYS),
    cache: new RedisCache(open().redis, types, names, KEYS),
    clock: systemClock,
    time,
    close,
  }));
  describeCacheContract(name, async () => ({
    cache: new RedisCache(open().redis, types, names, KEYS),
    time,
    close,
  }));
  describeCooldownsContract(name, async () => ({
    parts: [new RedisCooldowns(open().redis, names), new RedisCooldowns(open().redis, names)],
    time,
    close,
  }));
  const levelsOf = () => new RedisRateLevels(open().redis, names, systemClock);
  describeRateLevelsContract(name, async () => ({
    parts: [levelsOf(), levelsOf()],
    time,
    close,
  }));
  const contributing = async () => ({
    directory: new RedisDirectory(open().redis, names, LEASED_ORIGIN),
    contributions: new RedisContributions({
      ...{ redis: open().redis, types: LEASED_TYPES, names, codes: KEYS, origin: LEASED_ORIGIN },
      newLife: () => freshId('life'),
    }),
    cache: new RedisCache(open().redis, LEASED_TYPES, names, KEYS),
    ...{ time, close },
  });
  describeContributionsContract(name, contributing);
  describeContributionLosses(open, contributing);
  describeRedisKeys(open);
  describeForgeries(open);
}
