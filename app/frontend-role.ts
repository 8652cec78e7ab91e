import { availableParallelism } from 'node:os';
import { DirectSockets } from '../adapters/sockets/direct/direct-sockets';
import { NodeSockets } from '../adapters/sockets/node';
import type { Subscriptions } from '../adapters/subscriptions';
import { Frontend } from '../frontends/frontend';
import type { AdoptingSockets } from '../frontends/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import { loadLibc } from '../runtime/libc';
import type { ProcessContext } from './process-context';

/** Hexadecimal digits: a stream's id begins with it, and has room for 64 characters. */
const WORKER_ID_LENGTH = 16;

/**
 * A viewer-holding worker whose delivery door is at `url`, empty when it is called in this process.
 */
export function buildFrontend(context: ProcessContext, subscriptions: Subscriptions, url: string) {
  const { failed, metrics, settings } = context;
  const sockets = viewerSockets(context);
  const frontend = new Frontend({
    ...{ sockets, subscriptions, clock, entropy, failed, measures: metrics },
    worker: { id: entropy.secretId().slice(0, WORKER_ID_LENGTH), url },
    maxViewers: settings.MAX_VIEWERS,
    maxChannels: settings.MAX_CHANNELS,
    flushShare: coresPerWorker(settings.WORKERS),
  });
  metrics.observe('viewers', () => frontend.sessions.size);
  metrics.observe('flush_window_seconds', () => frontend.flushWindowMs / 1_000);
  metrics.observe('channels', () => frontend.channels.size);
  return { frontend, sockets };
}

/** Of a core, what each worker can have while all are busy. */
function coresPerWorker(workers: number): number {
  return Math.min(1, availableParallelism() / Math.max(1, workers));
}

/** Sockets driven directly where that can be, else Node's; throws where it must be and cannot. */
function viewerSockets({ log, settings }: ProcessContext): AdoptingSockets {
  if (settings.VIEWER_SOCKETS === 'node') return new NodeSockets(clock);
  try {
    return new DirectSockets(loadLibc(), clock);
  } catch (error) {
    if (settings.VIEWER_SOCKETS === 'direct') throw error;
    log.info({ err: error }, 'viewers have sockets of Node');
    return new NodeSockets(clock);
  }
}
