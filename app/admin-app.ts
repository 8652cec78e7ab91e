import Router from '@koa/router';
import Koa from 'koa';
import { problems } from '../runtime/problems';

export interface AdminAppOptions {
  /** The metrics of the process tree, in Prometheus's format. */
  readonly metrics: () => Promise<string>;
  /** The parts that are away; none means ready. */
  readonly missing: () => readonly string[];
}

/** The operators' door: metrics and health, one for all processes of a tree. */
export function adminApp({ metrics, missing }: AdminAppOptions): Koa {
  const app = new Koa();
  const router = new Router();
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4';
    ctx.body = await metrics();
  });
  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });
  router.get('/health/ready', (ctx) => {
    const away = missing();
    ctx.status = away.length === 0 ? 200 : 503;
    ctx.body = away.length === 0 ? { status: 'ready' } : { status: 'waiting', missing: away };
  });
  app.silent = true;
  app.use(problems(() => undefined));
  app.use(router.routes());
  return app;
}
