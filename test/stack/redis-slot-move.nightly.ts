// It takes a minute or more, so `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { RedisContributions } from '../../adapters/redis/contributions';
import { RedisDirectory } from '../../adapters/redis/directory';
import { Keys } from '../../adapters/redis/keys';
import { redisServersOf } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import { readSettings } from '../../runtime/settings/settings';
import { bucketOf, digestOf } from '../../schemas/digest';
import { Names } from '../../schemas/names';
import type { Feeds } from '../../schemas/state';
import { digestWith } from '../contract/contributions-support';
import { LEASED_TYPES, levels } from '../contract/leased-types';
import { types } from '../contract/stores-types';
import { freshChannel, freshId } from '../contract/time';
import { eventually, range } from '../end-to-end/api';
import { KEYS } from './keys';
import { ClusterRedis } from './redis-cluster';

const START_MS = 300_000;
const WITHIN_MS = 60_000;
const BUCKET = 7;
const CHANNELS = 40;
const MOVED_SLOTS = 5;

jest.setTimeout(180_000);

const names = new Names();
let cluster: ClusterRedis;
let redis: RedisClient;
let directory: RedisDirectory;
let cache: RedisCache;

beforeAll(async () => {
  cluster = await ClusterRedis.start();
  redis = openRedis(redisServersOf(readSettings(cluster.environment)));
  await redis.whenReady();
  directory = new RedisDirectory(redis, names, 'dc1.0');
  cache = new RedisCache(redis, types, names, KEYS);
}, START_MS);

afterAll(async () => {
  redis?.close();
  await cluster?.end();
}, START_MS);

/** New channels of some buckets. */
function channelsOf(isWanted: (bucket: number) => boolean): string[] {
  const all = range(1_000 * CHANNELS).map(() => freshChannel());
  return all.filter((channel) => isWanted(bucketOf(channel))).slice(0, CHANNELS);
}

function feeds(version: number): Feeds {
  return { likes: { 'dc1.1': { version, state: { like: version } } } };
}

function put(channels: readonly string[], version: number): Promise<unknown> {
  return cache.put(new Map(channels.map((channel) => [channel, feeds(version)])));
}

/** What a worker that watches these channels knows once it has this version of all. */
function held(channels: readonly string[], version: number): readonly number[] {
  return digestOf(channels.map((channel) => [channel, feeds(version)]));
}

it('a bucket whose slot moves is never changed by halves, and is right afterwards', async () => {
  const channels = channelsOf((bucket) => bucket === BUCKET);
  const ids = range(3).map(() => freshId('worker'));
  for (const id of ids) await directory.change(id, channels, []);
  await put(channels, 1);
  let version = 1;
  const puts: Promise<unknown>[] = [];
  const join = freshId('worker');
  const slot = await cluster.slotOf(new Keys(names).none(BUCKET));
  await cluster.move(slot, async () => {
    version += 1;
    const newest = version;
    puts.push(eventually(() => put(channels, newest), WITHIN_MS));
    puts.push(eventually(() => directory.change(join, channels, []), WITHIN_MS));
    expect(await directory.watchers(channels.slice(0, 2))).toEqual(
      channels.slice(0, 2).map(() => expect.arrayContaining(ids)),
    );
    expect((await cache.get(channels)).size).toBe(channels.length);
    // Both nodes have a part of the bucket now, and each script is refused.
    await expect(put(channels.slice(0, 1), newest)).rejects.toThrow();
  });
  await Promise.all(puts);
  expect(version).toBeGreaterThan(1);
  await eventually(async () => {
    for (const id of [...ids, join]) {
      for (const turn of range(8)) {
        expect(await directory.digest(id, turn)).toEqual(held(channels, version));
      }
    }
  }, WITHIN_MS);
  const watchers = await directory.watchers(channels);
  expect(watchers.map((each) => each.length)).toEqual(channels.map(() => ids.length + 1));
});

it('values of a bucket whose slot moves are written once the move has ended', async () => {
  const channels = channelsOf((bucket) => bucket === BUCKET);
  const contributions = new RedisContributions({
    ...{ redis, names, types: LEASED_TYPES, codes: KEYS, origin: 'dc1.0' },
    newLife: () => freshId('life'),
  });
  const id = freshId('worker');
  const reports = (number: number) =>
    channels.map((channel) => ({ channel, type: levels.name, number, value: number, seen: 0 }));
  await contributions.report(id, 1, reports(1));
  const repeated: Promise<unknown>[] = [];
  const slot = await cluster.slotOf(new Keys(names).none(BUCKET));
  await cluster.move(slot, async () => {
    await expect(contributions.report(id, 1, reports(2))).rejects.toThrow();
    await expect(contributions.remove(id, 1, [levels.name], BUCKET)).rejects.toThrow();
    const [channel = ''] = channels;
    await expect(contributions.read([{ channel, type: levels.name }])).rejects.toThrow();
    repeated.push(eventually(() => contributions.report(id, 1, reports(2)), WITHIN_MS));
  });
  await Promise.all(repeated);
  const feeds = channels.map((channel) => ({ channel, type: levels.name }));
  const found = await contributions.read(feeds);
  expect(found.map(({ values, version }) => [values.get(id), version])).toEqual(
    channels.map(() => [2, 2]),
  );
  expect(await directory.digest(id, 0)).toEqual(digestWith([], reports(2)));
});

it('other buckets are changed as before while a slot moves', async () => {
  const channels = channelsOf((bucket) => bucket !== BUCKET);
  const id = freshId('worker');
  await directory.change(id, channels, []);
  const slot = await cluster.slotOf(new Keys(names).none(BUCKET));
  let version = 1;
  await cluster.move(slot, async () => {
    version += 1;
    await put(channels, version);
    expect(await directory.digest(id, 0)).toEqual(held(channels, version));
  });
  expect(await directory.digest(id, 0)).toEqual(held(channels, version));
});

it('many slots that move one after the other change nothing', async () => {
  const channels = channelsOf(() => true);
  const id = freshId('worker');
  await directory.change(id, channels, []);
  const keys = channels.map((channel) => new Keys(names).state(channel));
  const slots = new Set(await Promise.all(keys.map((key) => cluster.slotOf(key))));
  let version = 0;
  const putNext = async () => {
    version += 1;
    const newest = version;
    await eventually(() => put(channels, newest), WITHIN_MS);
  };
  for (const slot of [...slots].slice(0, MOVED_SLOTS)) {
    const puts: Promise<void>[] = [];
    await cluster.move(slot, async () => {
      puts.push(putNext());
    });
    await Promise.all(puts);
  }
  expect(await directory.digest(id, 0)).toEqual(held(channels, version));
});
