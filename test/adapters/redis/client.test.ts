import type { Redis } from 'ioredis';
import { evictionWarning, openRedis, RedisScript, whenReady } from '../../../adapters/redis/client';
import { eventually } from '../../end-to-end/api';
import { HeldLink } from '../../stack/held-link';
import { NativeRedis } from '../../stack/native-redis';

/** The first run on a machine fetches the server. */
const START_MS = 300_000;

jest.setTimeout(60_000);

let one: NativeRedis;
let other: NativeRedis;
/** The server behind the one address. */
let behind: NativeRedis;
const link = new HeldLink(() => behind.port);
let redis: Redis;

beforeAll(async () => {
  [one, other] = await Promise.all([NativeRedis.start(), NativeRedis.start(), link.start()]);
}, START_MS);

afterAll(async () => {
  await link.end();
  await Promise.all([one.end(), other.end()]);
}, START_MS);

beforeEach(async () => {
  await one.promote();
  behind = one;
  redis = openRedis(`redis://127.0.0.1:${link.port}`);
  await whenReady(redis);
});

afterEach(() => redis.disconnect());

const SET = new RedisScript("return redis.call('SET', KEYS[1], ARGV[1])");

describe('after a failover behind one address', () => {
  it.each<[string, (client: Redis) => Promise<unknown>]>([
    ['a command', (client) => client.set('key', 'after')],
    ['a script', (client) => SET.run(client, ['key'], ['after'])],
  ])('%s that the old primary refuses opens a connection to the new one', async (_, write) => {
    await redis.set('key', 'before');
    await other.follow(one);
    let readies = 0;
    redis.on('ready', () => {
      readies += 1;
    });
    await other.promote();
    behind = other;
    await one.follow(other);
    await expect(write(redis)).rejects.toThrow('READONLY');
    await eventually(() => write(redis));
    expect(await other.admin.get('key')).toBe('after');
    expect(readies).toBe(1);
  });

  it('other errors keep the connection', async () => {
    let closes = 0;
    redis.on('close', () => {
      closes += 1;
    });
    await redis.set('text', 'x');
    await expect(redis.hset('text', 'a', 1)).rejects.toThrow('WRONGTYPE');
    await expect(redis.eval("return redis.error_reply('ERR read-only')", 0)).rejects.toThrow();
    await redis.ping();
    expect(closes).toBe(0);
  });

  it('a replica without its primary causes a connection to the current server', async () => {
    await one.admin.config('SET', 'replica-serve-stale-data', 'no');
    await one.admin.call('REPLICAOF', '127.0.0.1', '1');
    behind = other;
    await other.promote();
    await expect(redis.get('key')).rejects.toThrow('MASTERDOWN');
    await eventually(() => redis.set('key', 'moved'));
    expect(await other.admin.get('key')).toBe('moved');
    await one.admin.config('SET', 'replica-serve-stale-data', 'yes');
  });
});

describe('evictionWarning', () => {
  it('is one line if keys may be evicted, and none otherwise', async () => {
    const set = (name: string, value: string) => one.admin.config('SET', name, value);
    expect(await evictionWarning(redis)).toBeUndefined();
    await set('maxmemory-policy', 'allkeys-lru');
    expect(await evictionWarning(redis)).toBeUndefined();
    await set('maxmemory', '100mb');
    expect(await evictionWarning(redis)).toMatch(/^Redis evicts .* allkeys-lru\): use noeviction$/);
    await set('maxmemory-policy', 'noeviction');
    expect(await evictionWarning(redis)).toBeUndefined();
    await set('maxmemory', '0');
  });
});
