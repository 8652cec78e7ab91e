import { CACHE_WAIT_MS, NewestStates, SAVED_WAIT_MS } from '../../producers/newest-states';
import { LikestreamError } from '../../schemas/errors';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import type { Feeds, State, Vector } from '../../schemas/state';
import { VirtualClock } from '../simulation/virtual-clock';

const CHANNEL = 'video:1';

const at = (version: number) => ({ version, state: { like: version } });
const savedAt = (origin: string, version: number): State => ({
  ...{ channel: CHANNEL, type: 'likes', origin },
  ...at(version),
});
const cachedAs = (vector: Vector) =>
  Promise.resolve(new Map([[CHANNEL, { likes: vector, others: { 'dc1.1': at(99) } }]]));
const never = <T>(): Promise<T> => new Promise(() => undefined);
const fails = (code: 'store_unavailable' | 'directory_unavailable') =>
  Promise.reject(new LikestreamError(code));

function open(cached: Promise<ReadonlyMap<string, Feeds>>, saved: Promise<readonly State[]>) {
  const clock = new VirtualClock();
  const load = jest.fn(() => saved);
  const types = new EventTypes([likes]);
  const newest = new NewestStates({ cache: { get: () => cached }, states: { load }, types, clock });
  return { clock, load, newest };
}

describe('NewestStates', () => {
  it.each([
    ['the cached state if it is newer', { 'dc1.1': at(9) }, [savedAt('dc1.1', 5)], [9]],
    ['the saved state if it is newer', { 'dc1.1': at(5) }, [savedAt('dc1.1', 9)], [9]],
    ['the saved state if nothing is cached', {}, [savedAt('dc1.1', 9)], [9]],
    ['the cached state if nothing is saved', { 'dc1.1': at(9) }, [], [9]],
    [
      'the newest of each origin',
      { 'dc1.1': at(9), 'dc2.1': at(3) },
      [savedAt('dc1.1', 5), savedAt('dc2.1', 7)],
      [9, 7],
    ],
  ])('returns %s', async (_, cached, saved, versions) => {
    const { newest } = open(cachedAs(cached), Promise.resolve(saved));
    const vector: Vector = await newest.load(CHANNEL, 'likes');
    expect(Object.values(vector).map(({ version }) => version)).toEqual(versions);
  });

  it('reads the saved states of the one type', async () => {
    const { load, newest } = open(cachedAs({}), Promise.resolve([]));
    await newest.load(CHANNEL, 'likes');
    expect(load).toHaveBeenCalledWith([CHANNEL], 'likes');
  });

  it('returns the saved state if the cache has only other types', async () => {
    const cached = Promise.resolve(new Map([[CHANNEL, { others: { 'dc1.1': at(99) } }]]));
    const { newest } = open(cached, Promise.resolve([savedAt('dc1.1', 5)]));
    expect(await newest.load(CHANNEL, 'likes')).toEqual({ 'dc1.1': at(5) });
  });

  it('returns the saved state if the cache is unavailable', async () => {
    const saved = Promise.resolve([savedAt('dc1.1', 5)]);
    const { newest } = open(fails('directory_unavailable'), saved);
    expect(await newest.load(CHANNEL, 'likes')).toEqual({ 'dc1.1': at(5) });
  });

  it('stops waiting for a cache that does not answer', async () => {
    const { clock, newest } = open(never(), Promise.resolve([savedAt('dc1.1', 5)]));
    const loaded = newest.load(CHANNEL, 'likes');
    await clock.advance(CACHE_WAIT_MS);
    expect(await loaded).toEqual({ 'dc1.1': at(5) });
  });

  it('returns the cached state if the store is unavailable', async () => {
    const { newest } = open(cachedAs({ 'dc1.1': at(9) }), fails('store_unavailable'));
    expect(await newest.load(CHANNEL, 'likes')).toEqual({ 'dc1.1': at(9) });
  });

  it('stops waiting for a store that does not answer', async () => {
    const { clock, newest } = open(cachedAs({ 'dc1.1': at(9) }), never());
    const loaded = newest.load(CHANNEL, 'likes');
    await clock.advance(SAVED_WAIT_MS);
    expect(await loaded).toEqual({ 'dc1.1': at(9) });
  });

  it.each([
    ['the cache is unavailable too', () => fails('directory_unavailable')],
    ['the cache has no state', () => Promise.resolve(new Map())],
  ])('rejects if the store is unavailable and %s', async (_, cached) => {
    const { newest } = open(cached(), fails('store_unavailable'));
    await expect(newest.load(CHANNEL, 'likes')).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('holds no timer once it has answered', async () => {
    const { clock, newest } = open(cachedAs({ 'dc1.1': at(9) }), Promise.resolve([]));
    const cancels: jest.SpyInstance[] = [];
    const after = clock.after.bind(clock);
    jest.spyOn(clock, 'after').mockImplementation((ms, task) => {
      const timer = after(ms, task);
      cancels.push(jest.spyOn(timer, 'cancel'));
      return timer;
    });
    await newest.load(CHANNEL, 'likes');
    expect(cancels).toHaveLength(2);
    for (const cancel of cancels) expect(cancel).toHaveBeenCalled();
  });
});
