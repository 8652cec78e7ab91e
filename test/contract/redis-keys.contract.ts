import { Cluster, type Redis } from 'ioredis';
import type { RedisCommands } from '../../adapters/redis/commands';
import { RedisDirectory } from '../../adapters/redis/directory';
import { HELD_MS, KEPT_BUCKETS_PER_TURN, TURNS_PER_ROTATION } from '../../adapters/redis/expiry';
import { Keys } from '../../adapters/redis/keys';
import { RedisLeases } from '../../adapters/redis/leases';
import { RedisCache } from '../../adapters/redis/state-cache';
import { bucketOf, digestOf, RENEW_MS } from '../../schemas/delivery';
import { Names } from '../../schemas/names';
import type { Feeds } from '../../schemas/state';
import { KEYS } from '../stack/keys';
import { LEASED_ORIGIN } from './contributions-support';
import { types } from './stores-types';
import { freshChannel, freshId } from './time';

const names = new Names('likestream');
const keys = new Keys(names);

function feeds(version: number): Feeds {
  return { likes: { 'dc1.1': { version, state: { like: 1 } } } };
}

export interface RedisFixture {
  readonly redis: RedisCommands;
  /** A client that may use all commands. */
  readonly admin: Redis | Cluster;
}

/** A worker with a lease that watches one channel, whose state is cached. */
async function watching({ redis: commands, admin: redis }: RedisFixture) {
  const [directory, cache] = [
    new RedisDirectory(commands, names, LEASED_ORIGIN),
    new RedisCache(commands, types, names, KEYS),
  ];
  const channel = freshChannel();
  const worker = { id: freshId('worker'), url: 'http://127.0.0.1:1' };
  await new RedisLeases(commands, names, KEYS).renew(worker, 1);
  await cache.put(new Map([[channel, feeds(3)]]));
  await directory.change(worker.id, [channel], []);
  const held = keys.held(bucketOf(channel), worker.id);
  const digest = (turn = 0) => directory.digest(worker.id, turn);
  const put = (version: number) => cache.put(new Map([[channel, feeds(version)]]));
  return { cache, channel, commands, digest, directory, held, put, redis, worker };
}

/** The contract of the keys in Redis: names, expiry, and losses of single keys. */
export function describeRedisKeys(open: () => RedisFixture): void {
  describe('keys in Redis', () => {
    describeKeyNames(open);
    describeWatchers(open);

    it('expire, and a rotation of renewals refreshes those of a worker', async () => {
      const { channel, digest, held, redis } = await watching(open());
      const both = [held, keys.subs(channel)];
      for (const key of both) await redis.pexpire(key, 60_000);
      expect(await redis.pttl(keys.state(channel))).toBeGreaterThan(0);
      const turn = Math.floor(bucketOf(channel) / KEPT_BUCKETS_PER_TURN);
      await digest(turn + 1);
      for (const key of both) expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
      await digest(turn + TURNS_PER_ROTATION);
      for (const key of both) expect(await redis.pttl(key)).toBeGreaterThan(60_000);
    });

    it('outlive several rotations', () => {
      expect(HELD_MS).toBeGreaterThan(4 * TURNS_PER_ROTATION * RENEW_MS);
    });

    it('that are lost make the digest unequal, or are irrelevant', async () => {
      const { channel, digest, directory, held, put, redis, worker } = await watching(open());
      await redis.del(keys.state(channel));
      expect(await digest()).toEqual(digestOf([[channel, feeds(3)]]));
      await put(4);
      expect(await digest()).toEqual(digestOf([[channel, feeds(4)]]));
      await redis.del(held);
      await put(5);
      expect(await digest()).toEqual(digestOf([]));
      expect(await redis.exists(held, keys.subs(channel))).toBe(0);
      await directory.change(worker.id, [channel], []);
      expect(await digest()).toEqual(digestOf([[channel, feeds(5)]]));
    });

    it('of a channel’s watchers make its bucket unequal within 8 renewals if lost', async () => {
      const { channel, digest, directory, redis, worker } = await watching(open());
      const kept = Array.from({ length: 2_500 }, () => freshChannel());
      await directory.change(worker.id, kept, []);
      const renewals = [7, 8, 9, 10, 11, 12, 13, 14];
      for (const turn of renewals) await digest(turn);
      expect(await digest()).not.toEqual(digestOf(kept.map((name) => [name, {}])));
      await redis.del(keys.subs(channel));
      for (const turn of renewals) await digest(turn);
      expect(await digest()).toEqual(digestOf(kept.map((name) => [name, {}])));
    });

    it('of a worker that leaves all channels are deleted', async () => {
      const { channel, directory, held, redis, worker } = await watching(open());
      expect(await redis.exists(held)).toBe(1);
      await directory.change(worker.id, [], [channel]);
      expect(await redis.exists(held, keys.subs(channel))).toBe(0);
    });

    it('of leases expire only after many minutes without any renewal', async () => {
      const { commands, redis, worker } = await watching(open());
      await redis.pexpire(keys.leases, 60_000);
      await new RedisLeases(commands, names, KEYS).renew(worker, 2);
      expect(await redis.pttl(keys.leases)).toBeGreaterThan(HELD_MS - 10_000);
    });

    it('are also changed if Redis has lost the scripts', async () => {
      const { channel, digest, put, redis } = await watching(open());
      const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
      for (const node of nodes) await node.script('FLUSH');
      await put(9);
      expect(await digest()).toEqual(digestOf([[channel, feeds(9)]]));
    });
  });
}

function describeWatchers(open: () => RedisFixture): void {
  it('of watchers are told by a write, newer or not, without the lost ones', async () => {
    const { cache, channel, directory, held, redis, worker } = await watching(open());
    const [other, unwatched] = [freshId('worker'), freshChannel()];
    await directory.change(other, [channel], []);
    const told = async (version: number) => {
      const watchers = await cache.put(
        new Map([
          [channel, feeds(version)],
          [unwatched, feeds(version)],
        ]),
      );
      return [...watchers].map(([name, ids]) => [name, [...ids].sort()]);
    };
    const both = [channel, [other, worker.id].sort()];
    expect(await told(4)).toEqual([both, [unwatched, []]]);
    expect(await told(4)).toEqual([both, [unwatched, []]]);
    await redis.del(held);
    expect(await told(5)).toEqual([
      [channel, [other]],
      [unwatched, []],
    ]);
    expect(await directory.watchers([channel])).toEqual([[other]]);
  });
}

function describeKeyNames(open: () => RedisFixture): void {
  it('of one namespace are independent of those of another one', async () => {
    const { channel, commands, directory } = await watching(open());
    const another = new Names('likestream:another');
    expect((await new RedisCache(commands, types, another, KEYS).get([channel])).size).toBe(0);
    expect(await new RedisDirectory(commands, another, LEASED_ORIGIN).watchers([channel])).toEqual([
      [],
    ]);
    expect(await directory.watchers([channel])).toEqual([[expect.any(String)]]);
    const id = freshId('worker');
    await new RedisLeases(commands, another, KEYS).renew({ id, url: '' }, 1);
    const leases = await new RedisLeases(commands, names, KEYS).all();
    expect(leases.map(({ worker }) => worker.id)).not.toContain(id);
  });

  it('begin with the prefix, and have their bucket’s number as hash tag', async () => {
    const { channel, held, redis } = await watching(open());
    const all = [held, keys.subs(channel), keys.state(channel)];
    expect(await redis.exists(...all)).toBe(3);
    for (const key of all) expect(key.startsWith('likestream:')).toBe(true);
    const tags = all.map((key) => /\{(.*?)\}/.exec(key)?.[1]);
    expect(new Set(tags)).toEqual(new Set([String(bucketOf(channel))]));
  });
}
