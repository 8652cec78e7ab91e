import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache, MAX_CACHED_CHANNELS } from '../../adapters/embedded/state-cache';
import { VirtualClock } from '../simulation/virtual-clock';
import { describeCacheContract } from './cache.contract';
import { describeDirectoryContract } from './directory.contract';
import { realTime, virtualTime } from './time';

describeDirectoryContract('embedded', async () => {
  const clock = new VirtualClock();
  const cache = new EmbeddedCache();
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  return { directory, leases, cache, clock, time: virtualTime(clock), close: async () => {} };
});

describeCacheContract('embedded', async () => {
  return { cache: new EmbeddedCache(), time: realTime, close: async () => {} };
});

describe('EmbeddedCache', () => {
  it('evicts the channels that were written longest ago', async () => {
    const cache = new EmbeddedCache();
    const all = Array.from({ length: MAX_CACHED_CHANNELS }, (_, at) => `video:${at}`);
    const vector = { 'dc1.1': { version: 1, counts: {} } };
    await cache.put(new Map(all.map((channel) => [channel, vector])));
    await cache.put(new Map([['video:0', { 'dc1.1': { version: 2, counts: {} } }]]));
    await cache.put(new Map([['video:new', vector]]));
    const found = await cache.get(['video:0', 'video:1', 'video:2', 'video:new']);
    expect([...found.keys()]).toEqual(['video:0', 'video:2', 'video:new']);
  });
});
