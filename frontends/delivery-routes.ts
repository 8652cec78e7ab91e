import type Router from '@koa/router';
import { asInvalidBody, readInner } from '../runtime/inner-body';
import { delivery } from '../schemas/delivery';
import type { Deliveries } from './deliveries';

/** Adds the internal route by which dispatchers deliver states to a frontend. */
export function addDeliveryRoutes(router: Router, deliveries: Deliveries): void {
  router.post('/deliveries', async (ctx) => {
    const { to, updates } = await readInner(ctx.req, delivery);
    try {
      deliveries.receive(to, updates);
    } catch (error) {
      throw asInvalidBody(error);
    }
    ctx.body = {};
  });
}
