import { Doubles } from '../../dispatchers/doubles';
import { Fold } from '../../dispatchers/fold';
import { Peers } from '../../dispatchers/peers';
import { Window } from '../../dispatchers/window';
import type { BrokenParts } from './site';
import { NO_LIMIT } from './store-client';

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

class DeafDoubles extends Doubles {
  override async hear(): Promise<void> {}
}

class ForgetfulDoubles extends Doubles {
  override counted(): void {}
}

class SilentPeers extends Peers {
  override storedLate(): void {}
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
  'the limit of store requests': { storeLimit: () => NO_LIMIT },
};

/** The same of what only several datacenters have. */
export const BROKEN_BETWEEN: Readonly<Record<string, BrokenParts>> = {
  'hearing which likes a peer has taken': { doubles: DeafDoubles },
  'knowing which likes a peer had taken': { doubles: ForgetfulDoubles },
  'telling again what was stored late': { peers: SilentPeers },
};

/** All that can be taken out, by name. */
export const ALL_BROKEN: Readonly<Record<string, BrokenParts>> = { ...BROKEN, ...BROKEN_BETWEEN };
