import { CacheRefill } from '../../dispatchers/cache-refill';
import type { Leases } from '../../dispatchers/directory';
import { DuplicateFilter } from '../../dispatchers/duplicate-filter';
import { EmbeddedSource } from '../../dispatchers/embedded-source';
import { Fold } from '../../dispatchers/fold';
import { SubscriptionService } from '../../dispatchers/subscriptions';
import type { Vector } from '../../schemas/state';
import { BROKEN_BETWEEN } from './broken-between';
import { BROKEN_DEDUPE } from './broken-dedupe';
import type { BrokenParts } from './site';
import { NO_LIMIT } from './store-client';

class NoMemory extends DuplicateFilter {
  override note(): boolean {
    return true;
  }
}

class NoEndCheck extends EmbeddedSource {
  override async verifyEnd(_: number, known: number): Promise<number> {
    return known;
  }
}

/** Finds a lost tail neither by its positions nor by the saved versions. */
class NoPositionCheck extends NoEndCheck {
  protected override hasLost(): boolean {
    return false;
  }

  protected override isReplaced(): boolean {
    return false;
  }
}

class NoVersionCheck extends Fold {
  protected override hasSeen(): boolean {
    return false;
  }
}

class NoRefill extends CacheRefill {
  override begin(): void {}
}

/** Believes cached states, and reads the saved states only of channels that are not cached. */
class CacheBeliever extends SubscriptionService {
  protected override async load(
    ...[channels, answer, cached]: Parameters<SubscriptionService['load']>
  ): Promise<ReadonlyMap<string, Vector>> {
    const uncached = channels.filter((channel) => !cached.has(channel));
    const saved = uncached.length > 0 ? await super.load(uncached, answer, cached) : [];
    return new Map([...cached, ...saved]);
  }
}

/** Beats of the dead grow, too. */
function endlessLeases(whole: Leases): Leases {
  let reads = 0;
  return {
    renew: (worker, beat) => whole.renew(worker, beat),
    remove: (id, beat) => whole.remove(id, beat),
    async all() {
      reads += 1;
      return (await whole.all()).map(({ beat, worker }) => ({ worker, beat: beat + reads }));
    },
  };
}

/** Parts that lack one mechanism each: what the simulation has to find. */
export const BROKEN: Readonly<Record<string, BrokenParts>> = {
  'the memory of ids': { duplicates: NoMemory },
  'the version check': { fold: NoVersionCheck },
  'the renewal of leases': {
    subscriptions: (whole) => ({
      renew: async () => ({ unequal: [] }),
      change: (membership) => whole.change(membership),
    }),
  },
  'the saved states at a join': { service: CacheBeliever },
  "the owners' states after Redis is ready": { refill: NoRefill },
  'the end of leases': { leases: endlessLeases },
  'the limit of store requests': { storeLimit: () => NO_LIMIT },
  'the check of positions': { source: NoPositionCheck },
  'the check of saved versions': { source: NoEndCheck },
  ...BROKEN_DEDUPE,
};

/** All mechanisms that can be removed, by name. */
export const ALL_BROKEN: Readonly<Record<string, BrokenParts>> = { ...BROKEN, ...BROKEN_BETWEEN };
