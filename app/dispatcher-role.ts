import type { DeliveryGateway } from '../adapters/delivery-gateway';
import { Dispatcher } from '../dispatchers/dispatcher';
import { systemClock } from '../runtime/clock';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** A dispatcher on this process's parts, delivering through `gateway`. */
export function buildDispatcher(
  parts: Backends,
  around: ProcessContext,
  gateway: DeliveryGateway,
): Dispatcher {
  const { failed, metrics, secret, settings } = around;
  const { cache, directory, leases, rows: likes, source, states, workers } = parts;
  const dispatcher = new Dispatcher({
    ...{ source, states, directory, leases, workers, cache, gateway, failed, secret },
    store: likes,
    clock: systemClock,
    origin: `${settings.DATACENTER}.${settings.LOG_GENERATION}`,
    dedupe: new DedupeWindow(settings.DEDUPE_WINDOW_MS),
    measures: metrics,
    log: settings.PEER_DATACENTERS.length > 0 ? parts.log : undefined,
  });
  parts.onCacheReady?.(() => dispatcher.refillCache());
  metrics.observe('deliveries_in_flight', () => dispatcher.deliveriesInFlight);
  if (parts.lag) metrics.observe('log_lag_records', parts.lag);
  return dispatcher;
}
