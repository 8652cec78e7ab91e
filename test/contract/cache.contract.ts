import type { StateCache } from '../../adapters/state-cache';
import type { OriginState } from '../../schemas/state';
import { freshChannel, type Time } from './time';

function at(version: number): OriginState {
  return { version, counts: { like: version } };
}

export interface CacheFixture {
  readonly cache: StateCache;
  readonly time: Time;
  readonly close: () => Promise<void>;
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

    const put = (vector: Record<string, OriginState>, name = channel) =>
      fixture.time.finish(fixture.cache.put(new Map([[name, vector]])));
    const get = async () => (await fixture.time.finish(fixture.cache.get([channel]))).get(channel);

    it('returns the states that were put, and none of other channels', async () => {
      await put({ 'dc1.1': at(3), 'dc2.1': at(0) });
      const found = await fixture.time.finish(fixture.cache.get([freshChannel(), channel]));
      expect([...found]).toEqual([[channel, { 'dc1.1': at(3), 'dc2.1': at(0) }]]);
      expect((await fixture.time.finish(fixture.cache.get([]))).size).toBe(0);
    });

    it('keeps the newest of each origin, in any order of writes', async () => {
      await put({ 'dc1.1': at(3), 'dc2.1': at(9) });
      await put({ 'dc1.1': at(5), 'dc2.1': at(7), 'dc3.1': at(0) });
      expect(await get()).toEqual({ 'dc1.1': at(5), 'dc2.1': at(9), 'dc3.1': at(0) });
      await put({ 'dc1.1': at(4) });
      expect(await get()).toEqual({ 'dc1.1': at(5), 'dc2.1': at(9), 'dc3.1': at(0) });
    });

    it('keeps the newest if writes arrive at the same moment', async () => {
      await fixture.time.finish(
        Promise.all([6, 8, 7].map((version) => put({ 'dc1.1': at(version) }))),
      );
      expect(await get()).toEqual({ 'dc1.1': at(8) });
    });

    it('accepts many channels at once', async () => {
      const many = Array.from({ length: 1_000 }, () => freshChannel());
      await fixture.time.finish(
        fixture.cache.put(new Map(many.map((name, version) => [name, { 'dc1.1': at(version) }]))),
      );
      const found = await fixture.time.finish(fixture.cache.get(many));
      expect(found.size).toBe(1_000);
      expect(found.get(many[7] ?? '')).toEqual({ 'dc1.1': at(7) });
    });
  });
}
