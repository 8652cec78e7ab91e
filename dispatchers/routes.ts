import type Router from '@koa/router';
import { readInner } from '../runtime/inner-body';
import { membership, renewal } from '../schemas/delivery';
import type { SubscriptionService } from './subscriptions';

/** Adds the routes by which frontends renew their leases and subscribe. */
export function addSubscriptionRoutes(router: Router, subscriptions: SubscriptionService): void {
  router.post('/renewals', async (ctx) => {
    ctx.body = await subscriptions.renew(await readInner(ctx.req, renewal));
  });

  router.post('/memberships', async (ctx) => {
    const arrivedAt = subscriptions.arrival();
    const changes = await readInner(ctx.req, membership);
    ctx.body = await subscriptions.change(changes, arrivedAt);
  });
}
