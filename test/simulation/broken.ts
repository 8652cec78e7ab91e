import { Fold } from '../../dispatchers/fold';
import { Window } from '../../dispatchers/window';
import type { BrokenParts } from './world';

class NoWindow extends Window {
  override admit(): boolean {
    return true;
  }
}

class NoVersionCheck extends Fold {
  protected override hasSeen(): boolean {
    return false;
  }
}

/** Parts that lack one mechanism each: what the simulation has to find. */
export const BROKEN: Readonly<Record<string, BrokenParts>> = {
  'the window of ids': { window: NoWindow },
  'the version check': { fold: NoVersionCheck },
  'the renewal of leases': {
    subscriptions: (whole) => ({
      renew: async () => ({ unequal: [] }),
      change: (membership) => whole.change(membership),
    }),
  },
};
