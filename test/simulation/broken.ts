import { EmbeddedSource } from '../../adapters/embedded/log-source';
import type { Leases } from '../../adapters/leases';
import { CacheRefill } from '../../dispatchers/delivery/cache-refill';
import { DuplicateFilter } from '../../dispatchers/owner/duplicate-filter';
import { Fold } from '../../dispatchers/owner/fold';
import { SubscriptionService } from '../../dispatchers/subscriptions';
import type { LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import type { Feeds, Merge } from '../../schemas/state';
import { BROKEN_BETWEEN } from './broken-between';
import { BROKEN_DEDUPE } from './broken-dedupe';
import { BROKEN_LEASED } from './broken-leased';
import { BROKEN_LOGGED } from './broken-logged';
import type { BrokenOptions } from './site';
import { NO_LIMIT } from './store-client';
import { TYPES, VOTES } from './types';

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

/** Folds each entry of a record as if it were one of its own. */
class EntryByEntry extends Fold {
  override count(...[channel, entries, ...rest]: Parameters<Fold['count']>): void {
    for (const entry of entries) super.count(channel, [entry], ...rest);
  }
}

/** Keeps of two states the one that came last, although it may be older. */
class LastComes extends EventTypes {
  override readonly mergeOf = (): Merge => (one, other) =>
    other.version === one.version ? one : other;
}

/** Votes with ids of their own, so that a member has as many as it sends. */
const MANY_VOTES: LoggedType = { ...VOTES, idFrom: 'client' };

const withManyVotes = TYPES.all.map((type) => (type === VOTES ? MANY_VOTES : type));

class NoRefill extends CacheRefill {
  override begin(): void {}
}

/** Uses cached states, and reads saved states only of channels that are not cached. */
class CacheBeliever extends SubscriptionService {
  protected override async load(
    ...[channels, answer, cached]: Parameters<SubscriptionService['load']>
  ): Promise<ReadonlyMap<string, Feeds>> {
    const uncached = channels.filter((channel) => !cached.has(channel));
    const saved = uncached.length > 0 ? await super.load(uncached, answer, cached) : [];
    return new Map([...cached, ...saved]);
  }
}

/** The beats of dead workers grow, too. */
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

/** Parts without one mechanism each; the simulation must notice. */
export const BROKEN: Readonly<Record<string, BrokenOptions>> = {
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
  "the policy's merge": { types: new LastComes(TYPES.all) },
  'folding the entries of a record together': { fold: EntryByEntry },
  'one vote a member': { types: new EventTypes(withManyVotes) },
  ...BROKEN_DEDUPE,
  ...BROKEN_LEASED,
  ...BROKEN_LOGGED,
};

/** All mechanisms that can be removed, by name. */
export const ALL_BROKEN: Readonly<Record<string, BrokenOptions>> = {
  ...BROKEN,
  ...BROKEN_BETWEEN,
};
