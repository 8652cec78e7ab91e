import type Router from '@koa/router';
import { Acceptance } from '../producers/acceptance';
import { Ledger } from '../producers/append-sequence';
import { NewestStates } from '../producers/newest-states';
import { RecentLikes } from '../producers/recent-ids';
import { addLikesRoutes } from '../producers/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { Parts } from './backends';
import type { Surroundings } from './process-context';

/** Adds the likes backend on this process's parts. */
export function addProducer(router: Router, parts: Parts, around: Surroundings): void {
  const { members, metrics, settings } = around;
  const { cache, intake: log, likes: store } = parts;
  const states = new NewestStates({ cache, states: parts.states, clock });
  const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
  const ledger = new Ledger(entropy);
  const recent = new RecentLikes();
  const acceptance = new Acceptance({
    log,
    store,
    ledger,
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
