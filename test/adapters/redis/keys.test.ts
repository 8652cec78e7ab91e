import type { Redis } from 'ioredis';
import { RedisContributions } from '../../../adapters/redis/contributions';
import { RedisDirectory } from '../../../adapters/redis/directory';
import { Keys } from '../../../adapters/redis/keys';
import { RedisLeases } from '../../../adapters/redis/leases';
import { RedisCache } from '../../../adapters/redis/state-cache';
import { bucketOf, DIGEST_BUCKETS } from '../../../schemas/digest';
import { Names } from '../../../schemas/names';
import { types } from '../../contract/stores-types';
import { KEYS } from '../../stack/keys';

const names = new Names('other');

/** One command or script: all texts in it that begin like a key. */
interface Call {
  readonly command: string;
  readonly keys: readonly string[];
}

/** Records the keys of each call, and answers as an empty Redis. */
class RecordingRedis {
  readonly calls: Call[] = [];

  get asRedis(): Redis {
    return this as unknown as Redis;
  }

  async evalsha(_sha1: string, _count: number, ...values: (string | number)[]): Promise<null> {
    return this.record('evalsha', values, null);
  }

  async hget(...values: string[]): Promise<null> {
    return this.record('hget', values, null);
  }

  async hgetall(...values: string[]): Promise<Record<string, string>> {
    return this.record('hgetall', values, {});
  }

  async smembers(...values: string[]): Promise<string[]> {
    return this.record('smembers', values, []);
  }

  private record<T>(command: string, values: readonly unknown[], answer: T): T {
    const keys = values.map(String).filter((value) => value.startsWith(names.keyPrefix));
    this.calls.push({ command, keys });
    return answer;
  }
}

/** The part of a key that selects its node: its hash tag, else all of it. */
function tagOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

const channels = Array.from({ length: 300 }, (_, at) => `video:${at}`);

async function callAll(redis: Redis): Promise<void> {
  const [directory, cache] = [
    new RedisDirectory(redis, names, 'dc1.0'),
    new RedisCache(redis, types, names, KEYS),
  ];
  const leases = new RedisLeases(redis, names, KEYS);
  const contributions = new RedisContributions({
    ...{ redis, names, types, codes: KEYS, origin: 'dc1.0', newLife: () => 'life' },
  });
  const values = channels.map((channel) => {
    return { channel, type: 'viewers', number: 1, value: 1, seen: 0 };
  });
  const state = { version: 1, state: { like: 1 } };
  const feeds = { likes: { 'dc1.1': state, 'dc2.1': state }, 'star-ratings': { 'dc1.1': state } };
  await cache.put(new Map(channels.map((channel) => [channel, feeds])));
  await cache.get(channels);
  const buckets = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket);
  await directory.change('ann', channels.slice(0, 200), channels.slice(200), buckets);
  await directory.watchers(channels);
  await contributions.report('ann', 1, values, buckets);
  await contributions.read(values);
  await contributions.remove('ann', 1, ['viewers'], 7);
  await contributions.held('ann', buckets);
  for (const turn of [0, 1]) await directory.digest('ann', turn);
  await leases.renew({ id: 'ann', url: 'http://127.0.0.1:1' }, 1);
  await leases.all();
  await leases.remove('ann', 1);
}

it('all keys of a script or command begin with the prefix and have one hash tag', async () => {
  const redis = new RecordingRedis();
  await callAll(redis.asRedis);
  expect(redis.calls.length).toBeGreaterThan(1_000);
  for (const { command, keys } of redis.calls) {
    expect([command, new Set(keys.map(tagOf)).size]).toEqual([command, 1]);
  }
  const several = redis.calls.filter(({ keys }) => keys.length > 1);
  expect(several.length).toBeGreaterThan(channels.length);
});

it('the hash tag of a key is the bucket of its channel', () => {
  const keys = new Keys(names);
  const channel = 'video:1';
  const bucket = bucketOf(channel);
  const leased = keys.leased({ channel, type: 'viewers' });
  const all = [keys.held(bucket, 'ann'), keys.subs(channel), keys.state(channel), leased];
  expect(all.map(tagOf)).toEqual(all.map(() => `${bucket}`));
  expect(keys.state(channel)).toBe(`other:state:{${bucket}}:video:1`);
});
