import { RateExchange } from '../producers/rate-exchange';
import { RequestLimits } from '../producers/request-limits';
import { systemClock as clock } from '../runtime/clock';
import { rateOf } from '../runtime/settings/limits';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/**
 * The limits of requests to a producer, shared with the other producers of the datacenter, and a
 * function that ends the sharing.
 */
export function requestLimits(
  { rateLevels: levels }: Pick<Backends, 'rateLevels'>,
  { failed, metrics, settings }: Pick<ProcessContext, 'failed' | 'metrics' | 'settings'>,
): { readonly limits: RequestLimits; readonly close: () => void } {
  const exchange = new RateExchange({ levels, clock, failed });
  const limits = new RequestLimits({
    knowsAddresses: settings.TRUSTED_PROXIES !== undefined,
    limited: (limit) => metrics.limited(limit),
    allowancesOf(name) {
      const rate = rateOf(settings, name);
      return rate && exchange.allowances(name, rate);
    },
  });
  return { limits, close: () => exchange.close() };
}
