import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { redisServer } from '../../adapters/redis/servers';
import { NativeRedis } from '../stack/native-redis';
import { describeRedis } from './redis-suites';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;

jest.setTimeout(60_000);

let server: NativeRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await NativeRedis.start();
  redis = openRedis(redisServer(server.url));
  await redis.whenReady();
}, START_MS);

afterAll(async () => {
  redis.close();
  await server.end();
}, START_MS);

describeRedis('Redis', () => ({ redis, admin: server.admin }));
