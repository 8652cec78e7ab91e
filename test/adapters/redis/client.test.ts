import { openRedis, type RedisClient } from '../../../adapters/redis/client';
import { RedisScript } from '../../../adapters/redis/script';
import { redisServer, redisServersOf } from '../../../adapters/redis/servers';
import { readSettings } from '../../../runtime/settings/settings';
import { eventually } from '../../end-to-end/api';
import { HeldLink } from '../../stack/held-link';
import { NativeRedis } from '../../stack/native-redis';
import { RedisProcess } from '../../stack/redis-process';
import { HeldSentinel } from './held-sentinel';

/** The first run on a machine fetches the server. */
const START_MS = 300_000;
const WITHIN_MS = 20_000;

jest.setTimeout(60_000);

const SET = "return redis.call('SET', KEYS[1], ARGV[1])";
const script = new RedisScript(SET);

const WRITES: [string, (client: RedisClient) => Promise<unknown>][] = [
  ['a command', (client) => client.eval(SET, 1, 'key', 'after')],
  ['a script', (client) => script.run(client, ['key'], ['after'])],
];

describe('after a failover behind one address', () => {
  let one: NativeRedis;
  let other: NativeRedis;
  /** The server behind the one address. */
  let behind: NativeRedis;
  const link = new HeldLink(() => behind.port);
  let redis: RedisClient;

  beforeAll(async () => {
    [one, other] = await Promise.all([NativeRedis.start(), NativeRedis.start(), link.start()]);
  }, START_MS);

  afterAll(async () => {
    await link.end();
    await Promise.all([one.end(), other.end()]);
  }, START_MS);

  beforeEach(async () => {
    await one.promote();
    await one.admin.flushall();
    behind = one;
    redis = openRedis(redisServer(`redis://127.0.0.1:${link.port}`));
    await redis.whenReady();
  });

  afterEach(() => redis.close());

  it.each(WRITES)('%s that the old primary refuses goes to the new one', async (_, write) => {
    await script.run(redis, ['key'], ['before']);
    await other.follow(one);
    let readies = 0;
    redis.onReady(() => {
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
    redis.onClosed(() => {
      closes += 1;
    });
    await one.admin.set('text', 'x');
    await expect(redis.hget('text', 'a')).rejects.toThrow('WRONGTYPE');
    await expect(redis.eval("return redis.error_reply('ERR read-only')", 0)).rejects.toThrow();
    expect(await redis.smembers('none')).toEqual([]);
    expect(closes).toBe(0);
  });

  it('a replica without its primary causes a connection to the current server', async () => {
    await one.admin.config('SET', 'replica-serve-stale-data', 'no');
    await one.admin.call('REPLICAOF', '127.0.0.1', '1');
    behind = other;
    await other.promote();
    await expect(redis.hgetall('key')).rejects.toThrow('MASTERDOWN');
    await eventually(() => script.run(redis, ['key'], ['moved']));
    expect(await other.admin.get('key')).toBe('moved');
    await one.admin.config('SET', 'replica-serve-stale-data', 'yes');
  });
});

describe('a server that stops answering', () => {
  it('is connected anew, so that another one behind its address can answer', async () => {
    const [halted, other] = await Promise.all([
      RedisProcess.start({ lines: [] }),
      RedisProcess.start({ lines: [] }),
    ]);
    let behind = halted;
    const link = new HeldLink(() => behind.port);
    await link.start();
    const redis = openRedis(redisServer(`redis://127.0.0.1:${link.port}`));
    try {
      await redis.whenReady();
      halted.signal('SIGSTOP');
      behind = other;
      await expect(redis.hgetall('key')).rejects.toThrow('timed out');
      await eventually(() => script.run(redis, ['key'], ['moved']), WITHIN_MS);
      expect(await other.admin.get('key')).toBe('moved');
    } finally {
      redis.close();
      await link.end();
      await Promise.all([halted.end(), other.end()]);
    }
  });
});

describe('a server that refuses the database for a time', () => {
  it('is used again when it accepts the database', async () => {
    const server = await RedisProcess.start({ lines: [] });
    const redis = openRedis(redisServer(`redis://127.0.0.1:${server.port}/1`));
    try {
      await redis.whenReady();
      let closes = 0;
      redis.onClosed(() => {
        closes += 1;
      });
      await server.admin.acl('SETUSER', 'default', '-select');
      await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
      await eventually(() => expect(closes).toBeGreaterThanOrEqual(2), WITHIN_MS);
      expect(redis.isReady).toBe(false);
      await server.admin.acl('SETUSER', 'default', '+select');
      await eventually(() => script.run(redis, ['key'], ['here']), WITHIN_MS);
      expect(await server.admin.dbsize()).toBe(0);
    } finally {
      redis.close();
      await server.end();
    }
  });
});

describe('a failover that Sentinels announce while the client asks for the primary', () => {
  it('leads to the new primary', async () => {
    const [old, other] = await Promise.all([NativeRedis.start(), NativeRedis.start()]);
    const sentinel = new HeldSentinel(old.port);
    await sentinel.start();
    const at = `127.0.0.1:${sentinel.port}`;
    const names = { REDIS_SENTINELS: at, REDIS_SENTINEL_NAME: 'main' };
    const redis = openRedis(redisServersOf(readSettings(names)));
    try {
      await redis.whenReady();
      await eventually(() => expect(sentinel.listeners).toBe(1));
      sentinel.hold();
      await old.admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
      await eventually(() => expect(sentinel.heldQuestions).toBe(1));
      await sentinel.switchTo(other.port);
      await eventually(() => script.run(redis, ['key'], ['moved']), WITHIN_MS);
      expect(await other.admin.get('key')).toBe('moved');
    } finally {
      redis.close();
      await sentinel.end();
      await Promise.all([old.end(), other.end()]);
    }
  });
});

it('commands fail at once while there is no server', async () => {
  const redis = openRedis(redisServer('redis://127.0.0.1:1'));
  await expect(redis.hgetall('key')).rejects.toThrow(/^Redis is unavailable$/);
  await expect(redis.whenReady()).rejects.toThrow(
    'Redis at 127.0.0.1:1 cannot be reached (ECONNREFUSED): check its address in the settings',
  );
  redis.close();
});
