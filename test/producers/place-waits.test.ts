import { LogEnds } from '../../producers/log-ends';
import { NewestStates } from '../../producers/newest-states';
import { MAX_WAIT_MS, MAX_WAITS, PlaceWaits } from '../../producers/place-waits';
import { LikestreamError } from '../../schemas/errors';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import type { Feeds } from '../../schemas/state';
import { range } from '../end-to-end/api';
import { VirtualClock } from '../simulation/virtual-clock';

const at = (version: number) => ({ version, state: { like: version } });

function open() {
  const clock = new VirtualClock();
  const cached = new Map<string, Feeds>();
  const reads: string[][] = [];
  const cache = {
    get: async (channels: readonly string[]) => {
      reads.push([...channels]);
      return new Map(cached);
    },
  };
  const states = new NewestStates({
    ...{ cache, clock, states: { load: async () => [] }, types: new EventTypes([likes]) },
  });
  const ends = new LogEnds({ origin: 'dc1.1', peers: ['dc2'] });
  const waits = new PlaceWaits({ clock, ends, states });
  const put = (channel: string, origin: string, version: number): void => {
    cached.set(channel, { likes: { [origin]: at(version) } });
  };
  const results: unknown[] = [];
  const load = (channel: string, origin: string, offset: number) =>
    waits
      .load(channel, 'likes', new Map([[origin, offset]]))
      .then((vector) => results.push(vector[origin]?.version));
  return { cache, clock, ends, load, put, reads, results };
}

describe('PlaceWaits', () => {
  it('answers at once if the state has the place', async () => {
    const { clock, load, put, reads, results } = open();
    put('video:1', 'dc1.1', 5);
    await load('video:1', 'dc1.1', 5);
    expect(results).toEqual([5]);
    await clock.advance(MAX_WAIT_MS);
    expect(reads).toHaveLength(1);
  });

  it('answers soon after the state has the place', async () => {
    const { clock, load, put, results } = open();
    void load('video:1', 'dc1.1', 5);
    await clock.advance(100);
    put('video:1', 'dc1.1', 4);
    await clock.advance(100);
    expect(results).toEqual([]);
    put('video:1', 'dc1.1', 6);
    await clock.advance(200);
    expect(results).toEqual([6]);
  });

  it('answers with the state as it is after a second', async () => {
    const { clock, load, put, reads, results } = open();
    put('video:1', 'dc1.1', 4);
    void load('video:1', 'dc1.1', 5);
    await clock.advance(MAX_WAIT_MS - 1);
    expect(results).toEqual([]);
    await clock.advance(20);
    expect(results).toEqual([4]);
    expect(reads.length).toBeLessThan(12);
  });

  it('answers in time if the cache does not answer any more', async () => {
    const { cache, clock, load, put, results } = open();
    put('video:1', 'dc1.1', 4);
    void load('video:1', 'dc1.1', 5);
    await clock.advance(0);
    cache.get = () => new Promise(() => undefined);
    await clock.advance(MAX_WAIT_MS + 20);
    expect(results).toEqual([4]);
  });

  it('goes on if the cache fails for a while', async () => {
    const { cache, clock, load, put, results } = open();
    const { get } = cache;
    void load('video:1', 'dc1.1', 5);
    await clock.advance(0);
    cache.get = () => Promise.reject(new LikestreamError('directory_unavailable'));
    await clock.advance(100);
    cache.get = get;
    put('video:1', 'dc1.1', 5);
    await clock.advance(400);
    expect(results).toEqual([5]);
  });
});

describe('PlaceWaits with many requests', () => {
  it('reads the cache for all waiting requests together', async () => {
    const { clock, load, put, reads, results } = open();
    for (const n of range(100)) void load(`video:${n % 10}`, 'dc1.1', 5);
    await clock.advance(0);
    reads.length = 0;
    await clock.advance(15);
    expect(reads.map((channels) => channels.length)).toEqual([10]);
    for (const n of range(10)) put(`video:${n}`, 'dc1.1', 5);
    await clock.advance(100);
    expect(results).toHaveLength(100);
  });

  it('answers further requests at once if too many wait', async () => {
    const { clock, load, results } = open();
    for (const n of range(MAX_WAITS + 3)) void load(`video:${n}`, 'dc1.1', 5);
    await clock.advance(0);
    expect(results).toHaveLength(3);
    await clock.advance(MAX_WAIT_MS + 20);
    expect(results).toHaveLength(MAX_WAITS + 3);
  });

  it('reads no more once none waits', async () => {
    const { clock, load, reads } = open();
    void load('video:1', 'dc1.1', 5);
    await clock.advance(MAX_WAIT_MS + 20);
    reads.length = 0;
    await clock.advance(10_000);
    expect(reads).toEqual([]);
  });
});

describe('PlaceWaits with places of other logs', () => {
  it.each([
    ['an unknown datacenter', 'dc9.1', 5],
    ['an earlier log that the channel is not in', 'dc1.0', 5],
    ['an offset far beyond the log', 'dc1.1', 999_999_999],
  ])('answers at once to %s', async (_, origin, offset) => {
    const { clock, load, put, results } = open();
    put('video:1', 'dc1.1', 4);
    void load('video:1', origin, offset);
    await clock.advance(0);
    expect(results).toHaveLength(1);
  });

  it('waits for a place of a peer that has no state of the channel yet', async () => {
    const { clock, load, put, results } = open();
    void load('video:1', 'dc2.3', 5);
    await clock.advance(50);
    put('video:1', 'dc2.3', 5);
    await clock.advance(200);
    expect(results).toEqual([5]);
  });
});

describe('LogEnds', () => {
  it('notes appends, and passes on their offsets and errors', async () => {
    const ends = new LogEnds({ origin: 'dc1.1', peers: [] });
    const log = ends.noting({
      append: async (_, entries) => {
        if (entries.length === 0) throw new LikestreamError('log_refused');
        return [7];
      },
    });
    expect(ends.mayHave('likes', 'dc1.1', 1e12)).toBe(true);
    expect(await log.append('likes', [{ key: 'video:1', value: '{}' }])).toEqual([7]);
    await expect(log.append('likes', [])).rejects.toMatchObject({ code: 'log_refused' });
    expect(ends.mayHave('likes', 'dc1.1', 1e12)).toBe(false);
    expect(ends.mayHave('likes', 'dc1.1', 5_000)).toBe(true);
    expect(ends.mayHave('votes', 'dc1.1', 1e12)).toBe(true);
  });
});
