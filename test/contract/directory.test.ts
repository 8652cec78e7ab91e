import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache, MAX_CACHED_CHANNELS } from '../../adapters/embedded/state-cache';
import { newest, type Versioned } from '../../schemas/state';
import { VirtualClock } from '../simulation/virtual-clock';
import { describeCacheContract } from './cache.contract';
import { describeDirectoryContract } from './directory.contract';
import { types } from './stores-types';
import { realTime, virtualTime } from './time';

describeDirectoryContract('embedded', async () => {
  const clock = new VirtualClock();
  const cache = new EmbeddedCache(types);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  return { directory, leases, cache, clock, time: virtualTime(clock), close: async () => {} };
});

describeCacheContract('embedded', async () => {
  return { cache: new EmbeddedCache(types), time: realTime, close: async () => {} };
});

describe('EmbeddedCache', () => {
  it('merges the states of an origin as the policy of their type does', async () => {
    const merge = ({ state }: Versioned, other: Versioned) => {
      return { version: other.version, state: `${state}+${other.state}` };
    };
    const mergeOf = (type: string) => (type === 'joined' ? merge : newest);
    const cache = new EmbeddedCache({ mergeOf, isOnStreams: () => true });
    for (const [version, state] of ['a', 'b'].entries()) {
      const vector = { 'dc1.1': { version, state } };
      await cache.put(new Map([['video:1', { joined: vector, other: vector }]]));
    }
    expect(cache.feedsOf('video:1')).toEqual({
      joined: { 'dc1.1': { version: 1, state: 'a+b' } },
      other: { 'dc1.1': { version: 1, state: 'b' } },
    });
  });

  it('evicts the channels that were written longest ago', async () => {
    const cache = new EmbeddedCache(types);
    const all = Array.from({ length: MAX_CACHED_CHANNELS }, (_, at) => `video:${at}`);
    const feeds = (version: number) => ({ likes: { 'dc1.1': { version, state: {} } } });
    await cache.put(new Map(all.map((channel) => [channel, feeds(1)])));
    await cache.put(new Map([['video:0', feeds(2)]]));
    await cache.put(new Map([['video:new', feeds(1)]]));
    const found = await cache.get(['video:0', 'video:1', 'video:2', 'video:new']);
    expect([...found.keys()]).toEqual(['video:0', 'video:2', 'video:new']);
  });
});
