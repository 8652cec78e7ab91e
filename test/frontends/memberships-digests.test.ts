import fc from 'fast-check';
import '../fixtures/same-runs';
import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import type { Subscriptions } from '../../adapters/subscriptions';
import { SubscriptionService } from '../../dispatchers/subscriptions';
import { Channels } from '../../frontends/channels/channels';
import { LINGER_MS } from '../../frontends/lingering';
import { Memberships, RETRY_MS } from '../../frontends/memberships';
import { digestOf, RENEW_MS } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { type Feeds, type State, toFeeds } from '../../schemas/state';
import { stateAt } from '../schemas/arbitraries';
import { VirtualClock } from '../simulation/virtual-clock';

const WORKER = { id: 'worker-1', url: '' };
const TYPES = new EventTypes([likes]);
const ORIGIN = 'dc1.1';

type Fault = 'request' | 'answer' | 'delivery';

/** A worker and a dispatcher; the connection between them loses messages that the test selects. */
function ground() {
  const clock = new VirtualClock();
  const cache = new EmbeddedCache(TYPES);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  const saved = new Map<string, State>();
  const states = {
    load: async (of: readonly string[]) => of.flatMap((channel) => saved.get(channel) ?? []),
    save: async () => undefined,
  };
  const service = new SubscriptionService({
    ...{ directory, leases, cache, states, clock },
    types: TYPES,
  });
  const faults = new Set<Fault>();
  const channels = new Channels(TYPES, clock, () => undefined);
  const across = async <T>(call: () => Promise<T>): Promise<T> => {
    if (faults.has('request')) throw new LikestreamError('peer_unavailable');
    const answer = await call();
    if (faults.has('answer')) throw new LikestreamError('peer_unavailable');
    return answer;
  };
  const subscriptions: Subscriptions = {
    renew: (renewal) => across(() => service.renew(renewal)),
    change: (change) => across(() => service.change(change)),
  };
  const memberships = new Memberships({
    ...{ clock, subscriptions, worker: WORKER },
    digest: () => channels.digest(),
    inBucket: (bucket) => channels.inBucket(bucket),
    received: (channel, feeds, answer) => channels.apply(channel, feeds, 0, answer),
    released: (channel) => channels.remove(channel),
    failed: () => undefined,
  });
  const like = async (channel: string): Promise<void> => {
    const state = stateAt((saved.get(channel)?.version ?? 0) + 1);
    saved.set(channel, { channel, type: likes.name, origin: ORIGIN, ...state });
    await cache.put(new Map([[channel, { likes: { [ORIGIN]: state } }]]));
    const [watchers = []] = await directory.watchers([channel]);
    if (watchers.length === 0 || faults.has('delivery')) return;
    channels.apply(channel, { likes: { [ORIGIN]: state } }, 0);
  };
  return { cache, channels, clock, directory, faults, like, memberships, saved };
}

const names = fc.nat({ max: 11 }).map((id) => `video:${id}`);
const waits = fc.constantFrom(0, 5, RETRY_MS, RENEW_MS, LINGER_MS);
const steps = fc.array(
  fc.record({
    does: fc.constantFrom('come', 'come', 'go', 'go', 'like', 'like', 'lose', 'heal', 'forget'),
    name: names,
    fault: fc.constantFrom<Fault>('request', 'answer', 'delivery'),
    ms: waits,
  }),
  { maxLength: 40 },
);

describe('a worker and its dispatchers', () => {
  it('agree at rest after any joins, leaves, likes and losses', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { cache, channels, clock, directory, faults, like, memberships, saved } = ground();
        const viewers = new Map<string, number>();
        await memberships.start();
        for (const { does, name, fault, ms } of all) {
          const count = viewers.get(name) ?? 0;
          if (does === 'come') {
            viewers.set(name, count + 1);
            memberships.watch(name, channels.open(name).isNew);
          } else if (does === 'go' && count > 0) {
            viewers.set(name, count - 1);
            if (count === 1) memberships.unwatch(name);
          } else if (does === 'like') await like(name);
          else if (does === 'lose') faults.add(fault);
          else if (does === 'heal') faults.clear();
          else if (does === 'forget') await directory.change(WORKER.id, [], [name]);
          await clock.advance(ms);
          for (const [watched, by] of viewers) {
            if (by > 0) expect(channels.get(watched)).toBeDefined();
          }
        }
        faults.clear();
        await clock.advance(LINGER_MS + 3 * RENEW_MS);
        const watched = [...viewers].filter(([, by]) => by > 0).map(([name]) => name);
        const newest = watched.map((name): [string, Feeds] => {
          const state = saved.get(name);
          return [name, toFeeds(state ? [state] : [])];
        });
        for (const [name, feeds] of newest) expect(channels.get(name)?.feeds).toEqual(feeds);
        expect(channels.size).toBe(watched.length);
        expect(channels.digest()).toEqual(digestOf(newest));
        expect(await directory.digest(WORKER.id)).toEqual(digestOf(newest));
        expect((await cache.get(watched)).size).toBe(newest.filter(([, of]) => of.likes).length);
        memberships.close();
      }),
      { numRuns: 200 },
    );
  });

  it('have equal digests if and only if they hold the same states', async () => {
    const holding = fc.uniqueArray(fc.tuple(names, fc.nat({ max: 3 })), {
      selector: ([name]) => name,
    });
    await fc.assert(
      fc.asyncProperty(holding, holding, async (ours, theirs) => {
        const { cache, channels, directory } = ground();
        for (const [name, version] of ours) {
          channels.open(name);
          channels.apply(name, { likes: { [ORIGIN]: stateAt(version) } }, 0);
        }
        for (const [name, version] of theirs) {
          await directory.change(WORKER.id, [name], []);
          await cache.put(new Map([[name, { likes: { [ORIGIN]: stateAt(version) } }]]));
        }
        const isSame = JSON.stringify([...ours].sort()) === JSON.stringify([...theirs].sort());
        const digests = [channels.digest(), await directory.digest(WORKER.id)];
        expect(JSON.stringify(digests[0]) === JSON.stringify(digests[1])).toBe(isSame);
      }),
    );
  });
});
