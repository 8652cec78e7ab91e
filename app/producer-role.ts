import type Router from '@koa/router';
import { Acceptance } from '../producers/acceptance';
import { Admission } from '../producers/admission';
import { AppendSequence } from '../producers/append-sequence';
import { addCellRoutes } from '../producers/cell-routes';
import { LogEnds } from '../producers/log-ends';
import { NewestStates } from '../producers/newest-states';
import { PlaceWaits } from '../producers/place-waits';
import { addReadRoutes } from '../producers/read-routes';
import { RecentIds } from '../producers/recent-ids';
import { addEntryRoutes } from '../producers/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import type { Members } from '../runtime/members/members';
import { anonymousAccess } from '../runtime/settings/members';
import type { Settings } from '../runtime/settings/settings';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { Facts } from '../schemas/facts';
import { originOf } from '../schemas/origins';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** Adds the routes of a producer on these back ends, for each logged type. */
export function addProducer(
  router: Router,
  backends: Backends,
  context: Omit<ProcessContext, 'members'> & { readonly members: Members },
  facts: Facts,
): void {
  const { members, metrics: measures, settings, types } = context;
  const { cache } = backends;
  const origin = originOf(settings.DATACENTER, settings.LOG_GENERATION);
  const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
  const states = new NewestStates({ cache, states: backends.states, types, clock });
  const ends = new LogEnds({ origin, peers: settings.PEER_DATACENTERS });
  const log = ends.noting(backends.intake);
  const waits = new PlaceWaits({ states, ends, clock });
  const publicS = publicCacheS(settings);
  for (const type of types.logged) {
    const entries = new Acceptance({
      ...{ type, origin, log, clock, entropy, dedupe, measures },
      store: backends.rowsOf(type),
      sequence: new AppendSequence(entropy),
      recent: new RecentIds(),
    });
    const acceptance = type.policy.admit
      ? new Admission({ type, origin, acceptance: entries, states, clock })
      : entries;
    const options = { type, acceptance, states, members, facts, measures };
    if (type.call === 'put-by-name') addCellRoutes(router, options);
    else addEntryRoutes(router, options);
    if (!type.hasHistory) addReadRoutes(router, { type, states, waits, members, publicS });
  }
}

/** Any cache may keep answers only if any client may read them. */
function publicCacheS(settings: Settings): number {
  return anonymousAccess(settings) === 'none' ? 0 : settings.PUBLIC_CACHE_S;
}
