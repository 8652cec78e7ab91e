import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { checkRights } from '../../adapters/redis/rights';
import { redisServersOf } from '../../adapters/redis/servers';
import { readSettings } from '../../runtime/settings/settings';
import { Names } from '../../schemas/names';
import { SecuredRedis } from '../stack/redis-secured';
import { describeRedis } from './redis-suites';

const START_MS = 300_000;

jest.setTimeout(60_000);

let servers: SecuredRedis;
let redis: RedisClient;

beforeAll(async () => {
  servers = await SecuredRedis.start();
  redis = openRedis(redisServersOf(readSettings(servers.environment)));
  await redis.whenReady();
  await checkRights(redis, new Names());
}, START_MS);

afterAll(async () => {
  redis?.close();
  await servers?.end();
}, START_MS);

describeRedis('Redis with TLS and ACL', () => ({ redis, admin: servers.admin }));
