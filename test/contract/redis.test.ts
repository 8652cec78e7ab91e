import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { openRedis, whenReady } from '../../adapters/redis/client';
import { RedisDirectory } from '../../adapters/redis/directory';
import { RedisLeases } from '../../adapters/redis/leases';
import { RedisCache } from '../../adapters/redis/state-cache';
import { NativeStack } from '../../compose/native/native-stack';
import { systemClock } from '../../runtime/clock';
import { Names } from '../../schemas/names';
import { describeCacheContract } from './cache.contract';
import { describeDirectoryContract } from './directory.contract';
import { describeRedisKeys } from './redis-keys.contract';
import { types } from './stores-types';
import { realTime as time } from './time';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'likestream-redis-'));
const stack = new NativeStack({ folder });
const names = new Names();
const close = async (): Promise<void> => undefined;
let redis: Redis;

beforeAll(async () => {
  await stack.start('redis');
  redis = openRedis(stack.addresses.redis);
  await whenReady(redis);
}, START_MS);

afterAll(async () => {
  redis.disconnect();
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

describeDirectoryContract('Redis', async () => ({
  directory: new RedisDirectory(redis, names),
  leases: new RedisLeases(redis, names),
  cache: new RedisCache(redis, types, names),
  clock: systemClock,
  time,
  close,
}));

describeCacheContract('Redis', async () => ({
  cache: new RedisCache(redis, types, names),
  time,
  close,
}));
describeRedisKeys(() => redis);
