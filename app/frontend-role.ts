import { availableParallelism } from 'node:os';
import { DirectSockets } from '../adapters/sockets/direct/direct-sockets';
import { NodeSockets } from '../adapters/sockets/node';
import type { Subscriptions } from '../adapters/subscriptions';
import { Frontend } from '../frontends/frontend';
import type { AdoptingSockets } from '../frontends/routes';
import { StreamLimits } from '../frontends/viewers/stream-limits';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import { loadLibc } from '../runtime/libc';
import { streamsWithin } from '../runtime/limits/descriptors';
import { connectionsOf, mostOf, rateOf } from '../runtime/settings/limits';
import type { ProcessContext } from './process-context';

const MS_PER_SECOND = 1_000;

/** Length of a worker id. A stream id is `WORKER.SECRET` and may have at most 64 characters. */
const WORKER_ID_LENGTH = 16;

/**
 * Builds a frontend and its sockets. Dispatchers deliver to it at `url`, or by calls in this
 * process if `url` is empty.
 */
export function buildFrontend(context: ProcessContext, subscriptions: Subscriptions, url: string) {
  const { failed, metrics, settings, types } = context;
  const sockets = viewerSockets(context);
  const frontend = new Frontend({
    ...{ sockets, subscriptions, types, clock, entropy, failed, measures: metrics },
    worker: { id: entropy.secretId().slice(0, WORKER_ID_LENGTH), url },
    maxViewers: Math.min(settings.MAX_VIEWERS, streamsWithin(connectionsOf(settings))),
    maxChannels: settings.MAX_CHANNELS,
    limits: new StreamLimits({
      clock,
      joins: rateOf(settings, 'joins'),
      mostOf: (name) => mostOf(settings, name),
      limited: (limit) => metrics.limited(limit),
    }),
    flushLimits: {
      share: cpuShareOfWorker(settings.WORKERS),
      leastWindowMs: MS_PER_SECOND / settings.MAX_UPDATES_PER_S,
    },
  });
  metrics.observe('viewers', () => frontend.sessions.size);
  metrics.observe('flush_window_seconds', () => frontend.flushWindowMs / 1_000);
  metrics.observe('channels', () => frontend.channels.size);
  // Those of Node are still the server's.
  const adopted = () => (sockets instanceof DirectSockets ? sockets.size : 0);
  return { frontend, sockets, adopted };
}

/** The share of one core that each worker has while all are busy; at most 1. */
function cpuShareOfWorker(workers: number): number {
  return Math.min(1, availableParallelism() / Math.max(1, workers));
}

/** Direct sockets if the setting and the platform allow them, else Node's. */
function viewerSockets({ log, settings }: ProcessContext): AdoptingSockets {
  if (settings.VIEWER_SOCKETS === 'node') return new NodeSockets(clock);
  try {
    return new DirectSockets(loadLibc(), clock);
  } catch (error) {
    if (settings.VIEWER_SOCKETS === 'direct') throw error;
    const effect = 'each viewer takes more memory, and each frame more CPU';
    log.info({ err: error }, `direct sockets are unavailable, so Node's are used: ${effect}`);
    return new NodeSockets(clock);
  }
}
