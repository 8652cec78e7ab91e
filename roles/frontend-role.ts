import { Frontend } from '../frontends/frontend';
import { NodeSockets } from '../frontends/node-sockets';
import type { Subscriptions } from '../frontends/subscriptions';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy as entropy } from '../runtime/entropy';
import type { Surroundings } from './surroundings';

/**
 * A viewer-holding worker whose delivery door is at `url`, empty when it is called in this process.
 * `idPrefix` begins its connection ids and tells workers of one public door apart.
 */
export function buildFrontend(
  around: Surroundings,
  subscriptions: Subscriptions,
  url: string,
  idPrefix: string,
) {
  const { failed, metrics, settings } = around;
  const sockets = new NodeSockets(clock);
  const frontend = new Frontend({
    ...{ sockets, subscriptions, clock, entropy, idPrefix, failed },
    worker: { id: entropy.secretId(), url },
    maxViewers: settings.MAX_VIEWERS,
  });
  metrics.observe('viewers', () => frontend.sessions.size);
  metrics.observe('channels', () => frontend.channels.size);
  return { frontend, sockets };
}
