import type { Redis } from 'ioredis';
import { KEY_PREFIX } from '../../adapters/redis/client';
import { RedisDirectory } from '../../adapters/redis/directory';
import { HELD_MS, KEPT_BUCKETS_PER_TURN, TURNS_PER_ROTATION } from '../../adapters/redis/expiry';
import { heldKey, LEASES_KEY, stateKey, subsKey } from '../../adapters/redis/keys';
import { RedisLeases } from '../../adapters/redis/leases';
import { RedisCache } from '../../adapters/redis/state-cache';
import { bucketOf, digestOf, RENEW_MS } from '../../schemas/delivery';
import type { Vector } from '../../schemas/state';
import { freshChannel, freshId } from './time';

function vector(version: number): Vector {
  return { 'dc1.1': { version, counts: { like: 1 } } };
}

/** A worker with a lease that watches one channel, whose state is cached. */
async function watching(redis: Redis) {
  const [directory, cache] = [new RedisDirectory(redis), new RedisCache(redis)];
  const channel = freshChannel();
  const worker = { id: freshId('worker'), url: 'http://127.0.0.1:1' };
  await new RedisLeases(redis).renew(worker, 1);
  await cache.put(new Map([[channel, vector(3)]]));
  await directory.change(worker.id, [channel], []);
  const held = heldKey(bucketOf(channel), worker.id);
  const digest = (turn = 0) => directory.digest(worker.id, turn);
  const put = (version: number) => cache.put(new Map([[channel, vector(version)]]));
  return { cache, channel, digest, directory, held, put, redis, worker };
}

/** The contract of the keys in Redis: names, expiry, and losses of single keys. */
export function describeRedisKeys(open: () => Redis): void {
  describe('keys in Redis', () => {
    it('begin with the prefix, and have their bucket’s number as hash tag', async () => {
      const { channel, held, redis } = await watching(open());
      const keys = [held, subsKey(channel), stateKey(channel)];
      expect(await redis.exists(...keys)).toBe(3);
      for (const key of keys) expect(key.startsWith(KEY_PREFIX)).toBe(true);
      const tags = keys.map((key) => /\{(.*?)\}/.exec(key)?.[1]);
      expect(new Set(tags)).toEqual(new Set([String(bucketOf(channel))]));
    });

    it('expire, and a rotation of renewals refreshes those of a worker', async () => {
      const { channel, digest, held, redis } = await watching(open());
      const keys = [held, subsKey(channel)];
      for (const key of keys) await redis.pexpire(key, 60_000);
      expect(await redis.pttl(stateKey(channel))).toBeGreaterThan(0);
      const turn = Math.floor(bucketOf(channel) / KEPT_BUCKETS_PER_TURN);
      await digest(turn + 1);
      for (const key of keys) expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
      await digest(turn + TURNS_PER_ROTATION);
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(60_000);
    });

    it('outlive several rotations', () => {
      expect(HELD_MS).toBeGreaterThan(4 * TURNS_PER_ROTATION * RENEW_MS);
    });

    it('that are lost make the digest unequal, or are irrelevant', async () => {
      const { channel, digest, directory, held, put, redis, worker } = await watching(open());
      await redis.del(stateKey(channel));
      expect(await digest()).toEqual(digestOf([[channel, vector(3)]]));
      await put(4);
      expect(await digest()).toEqual(digestOf([[channel, vector(4)]]));
      await redis.del(held);
      await put(5);
      expect(await digest()).toEqual(digestOf([]));
      expect(await redis.exists(held, subsKey(channel))).toBe(0);
      await directory.change(worker.id, [channel], []);
      expect(await digest()).toEqual(digestOf([[channel, vector(5)]]));
    });

    it('of a channel’s watchers make its bucket unequal within 8 renewals if lost', async () => {
      const { channel, digest, directory, redis, worker } = await watching(open());
      const kept = Array.from({ length: 2_500 }, () => freshChannel());
      await directory.change(worker.id, kept, []);
      const renewals = [7, 8, 9, 10, 11, 12, 13, 14];
      for (const turn of renewals) await digest(turn);
      expect(await digest()).not.toEqual(digestOf(kept.map((name) => [name, {}])));
      await redis.del(subsKey(channel));
      for (const turn of renewals) await digest(turn);
      expect(await digest()).toEqual(digestOf(kept.map((name) => [name, {}])));
    });

    it('of a worker that leaves all channels are deleted', async () => {
      const { channel, directory, held, redis, worker } = await watching(open());
      expect(await redis.exists(held)).toBe(1);
      await directory.change(worker.id, [], [channel]);
      expect(await redis.exists(held, subsKey(channel))).toBe(0);
    });

    it('of leases expire only after many minutes without any renewal', async () => {
      const { redis, worker } = await watching(open());
      await redis.pexpire(LEASES_KEY, 60_000);
      await new RedisLeases(redis).renew(worker, 2);
      expect(await redis.pttl(LEASES_KEY)).toBeGreaterThan(HELD_MS - 10_000);
    });

    it('are also changed if Redis has lost the scripts', async () => {
      const { channel, digest, put, redis } = await watching(open());
      await redis.script('FLUSH');
      await put(9);
      expect(await digest()).toEqual(digestOf([[channel, vector(9)]]));
    });
  });
}
