import type Router from '@koa/router';
import { Acceptance } from '../producers/acceptance';
import { AppendSequence } from '../producers/append-sequence';
import { NewestStates } from '../producers/newest-states';
import { RecentIds } from '../producers/recent-ids';
import { addEntryRoutes } from '../producers/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import type { Members } from '../runtime/members/members';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { Facts } from '../schemas/facts';
import { originOf } from '../schemas/origins';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** Adds the routes of a producer on these back ends, for each event type. */
export function addProducer(
  router: Router,
  backends: Backends,
  context: Omit<ProcessContext, 'members'> & { readonly members: Members },
  facts: Facts,
): void {
  const { members, metrics: measures, settings, types } = context;
  const { cache, intake: log } = backends;
  const origin = originOf(settings.DATACENTER, settings.LOG_GENERATION);
  const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
  const states = new NewestStates({ cache, states: backends.states, types, clock });
  for (const type of types.logged) {
    const acceptance = new Acceptance({
      ...{ type, origin, log, clock, entropy, dedupe, measures },
      store: backends.rowsOf(type),
      sequence: new AppendSequence(entropy),
      recent: new RecentIds(),
    });
    addEntryRoutes(router, { type, acceptance, states, members, facts, measures });
  }
}
