import type Router from '@koa/router';
import { Acceptance } from '../producers/acceptance';
import { AppendSequence } from '../producers/append-sequence';
import { NewestStates } from '../producers/newest-states';
import { RecentIds } from '../producers/recent-ids';
import { addLikesRoutes } from '../producers/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** Adds the routes of a producer on these back ends. */
export function addProducer(router: Router, backends: Backends, context: ProcessContext): void {
  const { members, metrics, settings } = context;
  const { cache, intake: log, rows: store } = backends;
  const states = new NewestStates({ cache, states: backends.states, clock });
  const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
  const sequence = new AppendSequence(entropy);
  const recent = new RecentIds();
  const acceptance = new Acceptance({
    log,
    store,
    sequence,
    recent,
    clock,
    entropy,
    dedupe,
    measures: metrics,
  });
  const counted = (outcome: 'new' | 'known', likes: number): void =>
    metrics.likesTaken.inc({ outcome }, likes);
  addLikesRoutes(router, { acceptance, states, members, counted, reactions: settings.REACTIONS });
}
