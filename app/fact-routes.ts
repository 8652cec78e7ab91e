import type Router from '@koa/router';
import { z } from 'zod';
import { readInner } from '../runtime/inner-body';
import type { FactWatch } from './fact-watch';

const question = z.object({ seen: z.string().optional() });

/** Adds the route by which workers read the facts of their primary. */
export function addFactRoutes(router: Router, watch: Pick<FactWatch, 'since'>): void {
  router.post('/facts', async (ctx) => {
    const { seen } = await readInner(ctx.req, question);
    ctx.body = { facts: watch.since(seen) };
  });
}
