import { EmbeddedContributions } from '../../../adapters/embedded/contributions';
import { EmbeddedDirectory } from '../../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import { LeasedFeeds, type LeasedFeedsOptions } from '../../../dispatchers/leased/leased-feeds';
import type { Published } from '../../../dispatchers/leased/own-values';
import { LiveWorkers } from '../../../dispatchers/workers/live-workers';
import type { Report, Update } from '../../../schemas/delivery';
import type { Level } from '../../contract/leased-types';
import { LEASED_TYPES, levels } from '../../contract/leased-types';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeStates } from '../parts';

export const ORIGIN = 'dc1.0';
export const CHANNEL = 'video:1';

/** A report with a number that is greater than those before it. */
export function reporting() {
  let number = 0;
  return (of: Partial<Report> = {}): Report => {
    number += 1;
    return { channel: CHANNEL, type: levels.name, number, value: 1, seen: 0, ...of };
  };
}

/** The back ends of a datacenter's dispatchers; `dispatcher` makes one more of them. */
export function ground(clock = new VirtualClock(), states = new FakeStates()) {
  const cache = new EmbeddedCache(LEASED_TYPES);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  let lives = 0;
  const newLife = () => {
    lives += 1;
    return `life-${lives}`;
  };
  const { holdings } = directory;
  const contributions = new EmbeddedContributions({ cache, holdings, origin: ORIGIN, newLife });
  const failures: string[] = [];
  const failed = (doing: string) => failures.push(doing);

  const dispatcher = (replaced?: LeasedFeedsOptions['dispatch']) => {
    const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
    const updates: Update[] = [];
    const dispatch = {
      changed(all: readonly Update[]) {
        updates.push(...all);
        // As the real one does, but at once.
        for (const { channel, type, vector } of all) {
          void cache.put(new Map([[channel, { [type]: vector }]]));
        }
      },
    };
    const cached = async () => undefined;
    const expect = (id: string) => workers.expect(id);
    const leased = new LeasedFeeds({
      ...{ types: LEASED_TYPES, contributions, cache, states, clock, failed },
      dispatch: replaced ?? { ...dispatch, cached },
      ...{ expect, origin: ORIGIN },
    });
    workers.removesValues(leased);
    const published: Published[] = [];
    leased.onPublished((one) => published.push(one));
    return { leased, published, updates, workers };
  };
  return { cache, clock, contributions, directory, dispatcher, failures, leases, states };
}

/** The states in updates, as [channel, version, state]. */
export function statesIn(updates: readonly Update[]) {
  return updates.map(({ channel, vector }) => {
    const of = vector[ORIGIN];
    return [channel, of?.version, of?.state as Level] as const;
  });
}
