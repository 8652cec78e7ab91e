import type { StateCache } from '../../adapters/state-cache';
import type { Feeds, Vector, Versioned } from '../../schemas/state';
import { freshChannel, type Time } from './time';

function at(version: number): Versioned {
  return { version, state: { like: version } };
}

export interface CacheFixture {
  readonly cache: StateCache;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

type Use = () => ReturnType<typeof asTests>;

/** The cache, for the tests of one channel. */
function asTests({ cache, time }: CacheFixture, channel: string) {
  return {
    cache,
    channel,
    time,
    put: (feeds: Feeds, name = channel) => time.finish(cache.put(new Map([[name, feeds]]))),
    get: async () => (await time.finish(cache.get([channel]))).get(channel),
  };
}

/** The contract of every cache of states. */
export function describeCacheContract(name: string, open: () => Promise<CacheFixture>): void {
  describe(`the cache of states: ${name}`, () => {
    let fixture: CacheFixture;
    let channel: string;
    beforeAll(async () => {
      fixture = await open();
    });
    beforeEach(() => {
      channel = freshChannel();
    });
    afterAll(() => fixture.close());

    const use: Use = () => asTests(fixture, channel);
    describeVersions(use);
    describeFeeds(use);
  });
}

function describeVersions(use: Use): void {
  it('returns the states that were put, and none of other channels', async () => {
    const { cache, channel, put, time } = use();
    const feeds = { likes: { 'dc1.1': at(3), 'dc2.1': at(0) } };
    await put(feeds);
    const found = await time.finish(cache.get([freshChannel(), channel]));
    expect([...found]).toEqual([[channel, feeds]]);
    expect((await time.finish(cache.get([]))).size).toBe(0);
  });

  it('keeps the newest of each origin, in any order of writes', async () => {
    const { get, put } = use();
    const putLikes = (likes: Vector) => put({ likes });
    await putLikes({ 'dc1.1': at(3), 'dc2.1': at(9) });
    await putLikes({ 'dc1.1': at(5), 'dc2.1': at(7), 'dc3.1.2': at(0) });
    const newest = { likes: { 'dc1.1': at(5), 'dc2.1': at(9), 'dc3.1.2': at(0) } };
    expect(await get()).toEqual(newest);
    await putLikes({ 'dc1.1': at(4) });
    expect(await get()).toEqual(newest);
  });

  it('keeps the newest if writes arrive at the same moment', async () => {
    const { get, put, time } = use();
    const puts = [6, 8, 7].map((version) => put({ likes: { 'dc1.1': at(version) } }));
    await time.finish(Promise.all(puts));
    expect(await get()).toEqual({ likes: { 'dc1.1': at(8) } });
  });

  it('keeps the time until which ids are looked up', async () => {
    const { get, put } = use();
    const likes = { 'dc1.1': { ...at(4), lookUpUntil: 1_700_000_060_000 } };
    await put({ likes });
    expect(await get()).toEqual({ likes });
  });

  it('accepts many channels at once', async () => {
    const { cache, time } = use();
    const many = Array.from({ length: 1_000 }, () => freshChannel());
    const all = many.map((name, version) => [name, { likes: { 'dc1.1': at(version) } }] as const);
    await time.finish(cache.put(new Map(all)));
    const found = await time.finish(cache.get(many));
    expect(found.size).toBe(1_000);
    expect(found.get(many[7] ?? '')).toEqual({ likes: { 'dc1.1': at(7) } });
  });
}

function describeFeeds(use: Use): void {
  it('keeps two event types apart, though their origins and versions are equal', async () => {
    const { get, put } = use();
    const [likes, stars] = [
      { version: 3, state: { like: 2 } },
      { version: 3, state: { '5': 1 } },
    ];
    await put({ likes: { 'dc1.1': likes } });
    await put({ 'star-ratings': { 'dc1.1': stars } });
    expect(await get()).toEqual({
      likes: { 'dc1.1': likes },
      'star-ratings': { 'dc1.1': stars },
    });
    await put({ likes: { 'dc1.1': at(2) }, 'star-ratings': { 'dc1.1': at(9) } });
    expect(await get()).toEqual({
      likes: { 'dc1.1': likes },
      'star-ratings': { 'dc1.1': at(9) },
    });
  });

  it('keeps the states of an unknown event type as they are, the newest version', async () => {
    const { get, put } = use();
    const opaque = { version: 5, state: ['any', { shape: true }] };
    await put({ unknown: { 'dc1.1': opaque } });
    await put({ unknown: { 'dc1.1': { version: 4, state: 'older' } } });
    expect(await get()).toEqual({ unknown: { 'dc1.1': opaque } });
  });
}
