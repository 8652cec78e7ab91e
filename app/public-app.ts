import { join } from 'node:path';
import cors from '@koa/cors';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import serve from 'koa-static';
import { problems } from '../runtime/problems';
import type { LikestreamError } from '../schemas/errors';

const PAGE_FOLDER = join(__dirname, '..', '..', 'web');
const PREFLIGHT_S = 600;
const LOCALHOST = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

export interface PublicAppOptions {
  /** Adds the routes of the roles that run here. */
  readonly addRoutes: (router: Router) => void;
  /** Origins whose pages may read answers; undefined allows any localhost. */
  readonly corsOrigins: readonly string[] | undefined;
  /** Whether the demo page is served. */
  readonly hasPage: boolean;
  readonly report: (error: LikestreamError) => void;
}

/** The public app: the routes of this process's roles, and the demo page. */
export function publicApp({ addRoutes, corsOrigins, hasPage, report }: PublicAppOptions): Koa {
  const app = new Koa();
  const router = new Router();
  addRoutes(router);
  app.silent = true;
  app.use(problems(report));
  app.use(cors({ origin: (ctx) => allowed(ctx.get('Origin'), corsOrigins), ...CORS }));
  app.use(router.routes());
  app.use(router.allowedMethods());
  if (hasPage) app.use(pageHeaders).use(serve(PAGE_FOLDER, { maxage: 0 }));
  return app;
}

const CORS = {
  credentials: true,
  maxAge: PREFLIGHT_S,
  allowMethods: 'GET,POST,PUT,DELETE',
  exposeHeaders: 'Retry-After',
  keepHeadersOnError: true,
};

function allowed(origin: string, origins: readonly string[] | undefined): string {
  const isAllowed = origins ? origins.includes(origin) : LOCALHOST.test(origin);
  return isAllowed ? origin : '';
}

const pageHeaders: Middleware = async (ctx, next) => {
  ctx.set('Content-Security-Policy', "default-src 'self'; img-src 'self' data:");
  ctx.set('X-Content-Type-Options', 'nosniff');
  await next();
};
