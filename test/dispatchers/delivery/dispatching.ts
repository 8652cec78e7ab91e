import { EmbeddedDirectory } from '../../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import type { StateCache, Watchers } from '../../../adapters/state-cache';
import { Dispatch } from '../../../dispatchers/delivery/dispatch';
import { LiveWorkers } from '../../../dispatchers/workers/live-workers';
import type { Update } from '../../../schemas/delivery';
import { VirtualClock } from '../../simulation/virtual-clock';
import { counted, types as likesTypes } from '../parts';

export function update(channel: string, version: number, t = version, type = 'likes'): Update {
  return { channel, type, t, vector: { 'dc1.1': counted(version, { like: version }) } };
}

export async function dispatching(types = likesTypes) {
  const clock = new VirtualClock();
  const cache = new EmbeddedCache(types);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  const mail: [string, Update[]][] = [];
  const failures: string[] = [];
  const trouble = {
    cache: false,
    directory: false,
    watchers: undefined as Watchers | undefined,
  };
  const failed = (doing: string) => failures.push(doing);
  const live = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  const guarded: Pick<LiveWorkers, 'watching'> = {
    watching: async (channels, read) => {
      if (trouble.directory) throw new Error('unavailable');
      return live.watching(channels, read);
    },
  };
  const guardedCache: StateCache = {
    get: (channels) => cache.get(channels),
    put: async (states) => {
      if (trouble.cache) throw new Error('unavailable');
      await cache.put(states);
      return trouble.watchers;
    },
  };
  const dispatch = new Dispatch({
    types,
    clock,
    workers: guarded,
    cache: guardedCache,
    outboxes: { add: ({ id }, updates) => mail.push([id, [...updates]]) },
    failed,
  });
  for (const [id, channels] of [
    ['ann', ['video:1', 'video:2']],
    ['bob', ['video:2']],
  ] as const) {
    await leases.renew({ id, url: '' }, 1);
    await directory.change(id, channels, []);
  }
  /** Makes all of Redis unavailable. */
  const loseRedis = () => {
    trouble.cache = true;
    directory.watchers = () => Promise.reject(new Error('unavailable'));
    leases.all = () => Promise.reject(new Error('unavailable'));
  };
  /** Resolves after the round that is due now. */
  const turn = () => clock.advance(0);
  return { cache, clock, directory, dispatch, failures, guarded, loseRedis, mail, trouble, turn };
}
