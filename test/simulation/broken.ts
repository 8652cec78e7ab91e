import { DuplicateFilter } from '../../dispatchers/duplicate-filter';
import { EmbeddedSource } from '../../dispatchers/embedded-source';
import { Fold } from '../../dispatchers/fold';
import { BROKEN_BETWEEN } from './broken-between';
import { BROKEN_DEDUPE } from './broken-dedupe';
import type { BrokenParts } from './site';
import { NO_LIMIT } from './store-client';

class NoMemory extends DuplicateFilter {
  override note(): boolean {
    return true;
  }
}

class NoPositionCheck extends EmbeddedSource {
  protected override hasLost(): boolean {
    return false;
  }

  protected override isReplaced(): boolean {
    return false;
  }
}

class NoEndCheck extends EmbeddedSource {
  override async verifyEnd(_: number, known: number): Promise<number> {
    return known;
  }
}

class NoVersionCheck extends Fold {
  protected override hasSeen(): boolean {
    return false;
  }
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
  'the limit of store requests': { storeLimit: () => NO_LIMIT },
  'the check of positions': { source: NoPositionCheck },
  'the check of saved versions': { source: NoEndCheck },
  ...BROKEN_DEDUPE,
};

/** All mechanisms that can be removed, by name. */
export const ALL_BROKEN: Readonly<Record<string, BrokenParts>> = { ...BROKEN, ...BROKEN_BETWEEN };
