import type Router from '@koa/router';
import Koa from 'koa';
import { problems } from '../runtime/problems';
import { requireSecret } from '../runtime/service-secret';
import type { LikestreamError } from '../schemas/errors';

export interface ServiceAppOptions {
  readonly secret: string;
  /** The routes; more may be added while the server runs. */
  readonly router: Router;
  readonly report: (error: LikestreamError) => void;
}

/** The app for calls between services. */
export function serviceApp({ secret, router, report }: ServiceAppOptions): Koa {
  const app = new Koa();
  app.silent = true;
  app.use(problems(report));
  app.use(requireSecret(secret));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
