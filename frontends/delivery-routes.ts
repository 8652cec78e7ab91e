import type Router from '@koa/router';
import { MAX_INTERNAL_BODY_BYTES, readJson } from '../runtime/body';
import { delivery } from '../schemas/delivery';
import type { Deliveries } from './deliveries';

/** Adds the internal route by which dispatchers deliver states to a frontend. */
export function addDeliveryRoutes(router: Router, deliveries: Deliveries): void {
  router.post('/deliveries', async (ctx) => {
    const { to, updates } = delivery.parse(await readJson(ctx.req, MAX_INTERNAL_BODY_BYTES));
    deliveries.receive(to, updates);
    ctx.body = {};
  });
}
