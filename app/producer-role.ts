import type Router from '@koa/router';
import { Acceptance } from '../producers/acceptance';
import { Admission } from '../producers/admission';
import { AppendSequence } from '../producers/append-sequence';
import { addCellRoutes } from '../producers/cell-routes';
import { addDeletionRoutes } from '../producers/deletion-routes';
import { Deletions } from '../producers/deletions';
import { HistoryPages } from '../producers/history-pages';
import { addHistoryRoutes } from '../producers/history-routes';
import { addLeasedRoutes } from '../producers/leased-routes';
import { LeasedStates } from '../producers/leased-states';
import { LogEnds } from '../producers/log-ends';
import { addMomentRoutes } from '../producers/moment-routes';
import { NewestStates } from '../producers/newest-states';
import { Pace } from '../producers/pace';
import { PlaceWaits } from '../producers/place-waits';
import { addReadRoutes } from '../producers/read-routes';
import { RecentIds } from '../producers/recent-ids';
import type { RequestLimits } from '../producers/request-limits';
import { addEntryRoutes } from '../producers/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import type { Members } from '../runtime/members/members';
import { anonymousAccess } from '../runtime/settings/members';
import type { Settings } from '../runtime/settings/settings';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { EventTypes } from '../schemas/event-types';
import type { Facts } from '../schemas/facts';
import { originOf } from '../schemas/origins';
import type { Backends } from './backends';
import type { OperatorWrites } from './operator-writes';
import type { ProcessContext } from './process-context';
import { requestLimits } from './request-limits';

/**
 * Adds the routes of a producer on these back ends, for each event type. With `operators`, adds
 * theirs, too. Returns a function that ends what runs beside requests.
 */
export function addProducer(
  router: Router,
  backends: Backends,
  context: Omit<ProcessContext, 'members'> & { readonly members: Members },
  facts: Facts,
  operators?: OperatorWrites,
): () => void {
  const { log: lines, metrics: measures, settings, types } = context;
  const { close, limits } = requestLimits(backends, context);
  const members = limits.counting(context.members);
  const { cache } = backends;
  const origin = originOf(settings.DATACENTER, settings.LOG_GENERATION);
  const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
  const states = new NewestStates({ cache, states: backends.states, types, clock });
  const ends = new LogEnds({ origin, peers: settings.PEER_DATACENTERS });
  const log = ends.noting(backends.intake);
  const waits = new PlaceWaits({ states, ends, clock });
  const publicS = publicCacheS(settings);
  for (const type of types.logged) {
    const [store, recent] = [backends.rowsOf(type), new RecentIds()];
    const entries = new Acceptance({
      ...{ type, origin, log, clock, entropy, dedupe, measures, store, recent },
      sequence: new AppendSequence(entropy),
    });
    const acceptance = type.policy.admit
      ? new Admission({ type, origin, acceptance: entries, states, clock })
      : entries;
    const { cooldowns } = backends;
    const pace = { type, acceptance, facts, cooldowns, store, recent, clock, entropy };
    const paced = type.isSlowable ? new Pace(pace) : undefined;
    const options = { type, acceptance, paced, states, members, facts, measures, limits };
    if (type.call === 'put-by-name') {
      addCellRoutes(router, options);
      if (operators)
        addCellRoutes(operators.router, {
          ...options,
          members: operators.members,
          limits: undefined,
        });
    } else addEntryRoutes(router, options);
    if (!type.hasHistory) addReadRoutes(router, { type, states, waits, members, publicS });
    else {
      const pages = new HistoryPages({ type, store, history: backends.historyOf(type) });
      addHistoryRoutes(router, { type, pages, states, members });
    }
    if (type.isDeletable) {
      const deletions = new Deletions({ type, log, store, states, clock });
      addDeletionRoutes(router, { type, deletions, members, facts, limits, log: lines });
      if (operators) {
        const { members: ofOperators, router: writes } = operators;
        addDeletionRoutes(writes, { type, deletions, members: ofOperators, facts });
      }
    }
  }
  addLiveRoutes(router, backends, { types, members, limits }, facts);
  return close;
}

interface LiveRoutesContext {
  readonly limits: RequestLimits;
  readonly members: Members;
  readonly types: EventTypes;
}

/** Adds the routes of types that are not logged. */
function addLiveRoutes(
  router: Router,
  { cache, moments, states: saved }: Backends,
  { limits, members, types }: LiveRoutesContext,
  facts: Facts,
): void {
  const states = new LeasedStates({ cache, states: saved, clock });
  for (const type of types.leased) {
    if (type.shownBy !== undefined) continue;
    const shown = types.leased.filter(({ shownBy }) => shownBy === type.name);
    addLeasedRoutes(router, { type, shown, states, members });
  }
  for (const type of types.moments) {
    addMomentRoutes(router, { type, moments, members, facts, clock, limits });
  }
}

/** Any cache may keep answers only if any client may read them. */
function publicCacheS(settings: Settings): number {
  return anonymousAccess(settings) === 'none' ? 0 : settings.PUBLIC_CACHE_S;
}
