// It takes a minute or more, so `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { checkRights } from '../../adapters/redis/rights';
import { redisServersOf } from '../../adapters/redis/servers';
import { readSettings } from '../../runtime/settings/settings';
import { Names } from '../../schemas/names';
import { ClusterRedis } from '../stack/redis-cluster';
import { describeRedis } from './redis-suites';

const START_MS = 300_000;

jest.setTimeout(60_000);

let servers: ClusterRedis;
let redis: RedisClient;

beforeAll(async () => {
  servers = await ClusterRedis.start();
  redis = openRedis(redisServersOf(readSettings(servers.environment)));
  await redis.whenReady();
  await checkRights(redis, new Names());
}, START_MS);

afterAll(async () => {
  redis?.close();
  await servers?.end();
}, START_MS);

describeRedis('Redis Cluster', () => ({ redis, admin: servers.admin }));
