import { Frontend } from '../frontends/frontend';
import { NodeSockets } from '../frontends/node-sockets';
import type { Subscriptions } from '../frontends/subscriptions';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import type { Surroundings } from './surroundings';

/** Hexadecimal digits: a stream's id begins with it, and has room for 64 characters. */
const WORKER_ID_LENGTH = 16;

/**
 * A viewer-holding worker whose delivery door is at `url`, empty when it is called in this process.
 */
export function buildFrontend(around: Surroundings, subscriptions: Subscriptions, url: string) {
  const { failed, metrics, settings } = around;
  const sockets = new NodeSockets(clock);
  const frontend = new Frontend({
    ...{ sockets, subscriptions, clock, entropy, failed, measures: metrics },
    worker: { id: entropy.secretId().slice(0, WORKER_ID_LENGTH), url },
    maxViewers: settings.MAX_VIEWERS,
  });
  metrics.observe('viewers', () => frontend.sessions.size);
  metrics.observe('flush_window_seconds', () => frontend.flushWindowMs / 1_000);
  metrics.observe('channels', () => frontend.channels.size);
  return { frontend, sockets };
}
