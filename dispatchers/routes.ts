import type Router from '@koa/router';
import { MAX_INTERNAL_BODY_BYTES, readJson } from '../runtime/body';
import { membership, renewal } from '../schemas/delivery';
import type { SubscriptionService } from './subscriptions';

/** Adds the routes by which frontends renew their leases and subscribe. */
export function addSubscriptionRoutes(router: Router, subscriptions: SubscriptionService): void {
  router.post('/renewals', async (ctx) => {
    const body = await readJson(ctx.req, MAX_INTERNAL_BODY_BYTES);
    ctx.body = await subscriptions.renew(renewal.parse(body));
  });

  router.post('/memberships', async (ctx) => {
    const arrivedAt = subscriptions.arrival();
    const body = await readJson(ctx.req, MAX_INTERNAL_BODY_BYTES);
    ctx.body = await subscriptions.change(membership.parse(body), arrivedAt);
  });
}
