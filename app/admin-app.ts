import Router from '@koa/router';
import Koa from 'koa';
import { problems } from '../runtime/problems';

export interface AdminAppOptions {
  /** The metrics of the process tree, in Prometheus's format. */
  readonly metrics: () => Promise<string>;
  /** The names of unavailable servers and parts; none means ready. */
  readonly unavailable: () => Promise<readonly string[]>;
  /** Adds the calls of operators. */
  readonly addRoutes: (router: Router) => void;
  /** More routes; some may be added later. */
  readonly writes?: Router | undefined;
}

/** The app on the admin port of a process tree: metrics, health and the calls of operators. */
export function adminApp({ addRoutes, metrics, unavailable, writes }: AdminAppOptions): Koa {
  const app = new Koa();
  const router = new Router();
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4';
    ctx.body = await metrics();
  });
  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });
  router.get('/health/ready', async (ctx) => {
    const names = await unavailable();
    ctx.status = names.length === 0 ? 200 : 503;
    ctx.body = names.length === 0 ? { status: 'ready' } : { status: 'waiting', missing: names };
  });
  addRoutes(router);
  app.silent = true;
  app.use(problems(() => undefined));
  if (writes) app.use(writes.routes());
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
