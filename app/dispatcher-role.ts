import type { DeliveryGateway } from '../adapters/delivery-gateway';
import { Dispatcher } from '../dispatchers/dispatcher';
import { systemClock } from '../runtime/clock';
import { DedupeWindow } from '../schemas/dedupe-window';
import { originOf } from '../schemas/origins';
import type { Backends } from './backends';
import { momentTopics } from './moment-topics';
import type { ProcessContext } from './process-context';

/** Builds a dispatcher on these back ends; it delivers through `gateway`. */
export function buildDispatcher(
  backends: Backends,
  context: ProcessContext,
  gateway: DeliveryGateway,
): Dispatcher {
  const { failed, metrics, secret, settings, types } = context;
  const { cache, contributions, directory, historyOf, leases, rowsOf, sourceOf, states, workers } =
    backends;
  const dispatcher = new Dispatcher({
    ...{ types, rowsOf, historyOf, sourceOf, states, directory, leases, workers, cache },
    contributions,
    moments: momentTopics(context) ? backends.moments : undefined,
    ...{ gateway, failed, secret },
    clock: systemClock,
    origin: originOf(settings.DATACENTER, settings.LOG_GENERATION),
    dedupe: new DedupeWindow(settings.DEDUPE_WINDOW_MS),
    measures: metrics,
    log: settings.PEER_DATACENTERS.length > 0 ? backends.log : undefined,
  });
  backends.onCacheReady?.(() => {
    dispatcher.refillCache();
    dispatcher.leased?.holdBack();
  });
  // Redis may have begun anew while no dispatcher was there.
  if (backends.onCacheReady) dispatcher.leased?.holdBack();
  metrics.observe('deliveries_in_flight', () => dispatcher.deliveriesInFlight);
  if (backends.lag) metrics.observe('log_lag_records', backends.lag);
  return dispatcher;
}
