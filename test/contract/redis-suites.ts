import type { RedisClient } from '../../adapters/redis/client';
import { RedisDirectory } from '../../adapters/redis/directory';
import { RedisLeases } from '../../adapters/redis/leases';
import { RedisCache } from '../../adapters/redis/state-cache';
import { systemClock } from '../../runtime/clock';
import { Names } from '../../schemas/names';
import { KEYS } from '../stack/keys';
import { describeCacheContract } from './cache.contract';
import { describeDirectoryContract } from './directory.contract';
import { describeForgeries } from './redis-forged.contract';
import { describeRedisKeys, type RedisFixture } from './redis-keys.contract';
import { types } from './stores-types';
import { realTime as time } from './time';

const names = new Names();
const close = async (): Promise<void> => undefined;

/** The contracts of directory, leases, digests, cache and keys, over one way to run Redis. */
export function describeRedis(
  name: string,
  open: () => RedisFixture & { readonly redis: RedisClient },
): void {
  describeDirectoryContract(name, async () => ({
    directory: new RedisDirectory(open().redis, names),
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
  describeRedisKeys(open);
  describeForgeries(open);
}
