import type { Redis } from 'ioredis';
import { RedisCache } from '../../../adapters/redis/state-cache';
import { versionSum } from '../../../schemas/digest';
import { Names } from '../../../schemas/names';
import { types } from '../../contract/stores-types';
import { KEYS } from '../../stack/keys';

const CHANNEL = 'video:1';

/** A state with its code, as a process with the secret writes it. */
function coded(type: string, origin: string, text: string): string {
  return `${KEYS.sign('state', [CHANNEL, type, origin], text)} ${text}`;
}

/** Answers with one hash, and keeps the arguments of scripts. */
function cacheWith(hash: Readonly<Record<string, string>> = {}) {
  const scripts: (string | number)[][] = [];
  const redis = {
    hgetall: async () => hash,
    evalsha: async (_sha1: string, keys: number, ...values: (string | number)[]) => {
      scripts.push(values.slice(keys));
      return null;
    },
  };
  const cache = new RedisCache(redis as unknown as Redis, types, new Names(), KEYS);
  return { cache, scripts };
}

describe('RedisCache', () => {
  it('puts one field for each event type and origin, with its sum', async () => {
    const { cache, scripts } = cacheWith();
    const likes = { 'dc1.1': { version: 3, state: { like: 2 } } };
    const stars = { 'dc1.1': { version: 3, state: { '5': 1 } } };
    await cache.put(new Map([[CHANNEL, { likes, 'star-ratings': stars }]]));
    const sums = ['likes', 'star-ratings'].map((type) => versionSum(CHANNEL, type, 'dc1.1', 3));
    expect(sums[0]).not.toBe(sums[1]);
    expect(scripts.map((values) => values.slice(4))).toEqual([
      [
        ...['likes/dc1.1', 3, sums[0]],
        coded('likes', 'dc1.1', JSON.stringify(likes['dc1.1'])),
        ...['star-ratings/dc1.1', 3, sums[1]],
        coded('star-ratings', 'dc1.1', JSON.stringify(stars['dc1.1'])),
      ],
    ]);
  });

  it('returns the states of all fields but the sum, by event type and origin', async () => {
    const { cache } = cacheWith({
      '': '17',
      'likes/dc1.1': `3 10 ${coded('likes', 'dc1.1', '{"version":3,"state":{"like":2}}')}`,
      'likes/dc2.1.4': `0 3 ${coded('likes', 'dc2.1.4', '{"version":0,"state":{}}')}`,
      'unknown/dc1.1': `9 4 ${coded('unknown', 'dc1.1', '{"version":9,"state":["any"]}')}`,
    });
    expect((await cache.get([CHANNEL])).get(CHANNEL)).toEqual({
      likes: {
        'dc1.1': { version: 3, state: { like: 2 } },
        'dc2.1.4': { version: 0, state: {} },
      },
      unknown: { 'dc1.1': { version: 9, state: ['any'] } },
    });
  });

  it.each([
    ['a state that has not the shape of its type', '{"version":3,"state":{"like":"2"}}'],
    ['a state that is not JSON', '{'],
  ])('rejects %s with `directory_unavailable`', async (_, text) => {
    const cached = `3 10 ${coded('likes', 'dc1.1', text)}`;
    const { cache } = cacheWith({ '': '10', 'likes/dc1.1': cached });
    await expect(cache.get([CHANNEL])).rejects.toMatchObject({ code: 'directory_unavailable' });
  });

  const state = '{"version":3,"state":{"like":2}}';
  it.each([
    ['no code', `3 10 ${state}`],
    ['a code of another field', `3 10 ${coded('likes', 'dc2.1', state)}`],
    ['a code of another state', `3 10 ${coded('likes', 'dc1.1', '{}').split(' ')[0]} ${state}`],
    ['another form', 'text'],
  ])('does not believe a field with %s', async (_, cached) => {
    const stars = coded('star-ratings', 'dc1.1', '{"version":3,"state":{"5":1}}');
    const { cache } = cacheWith({ 'likes/dc1.1': cached, 'star-ratings/dc1.1': `3 10 ${stars}` });
    const feeds = (await cache.get([CHANNEL])).get(CHANNEL);
    expect(Object.keys(feeds ?? {})).toEqual(['star-ratings']);
  });

  it('has no states of a channel without fields', async () => {
    const { cache } = cacheWith();
    expect((await cache.get([CHANNEL])).size).toBe(0);
  });
});
