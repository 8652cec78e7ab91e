import type Router from '@koa/router';
import Koa from 'koa';
import { problems } from '../runtime/problems';
import type { ServiceIdentity } from '../runtime/services/service-identity';
import { signAnswers, verifyCalls } from '../runtime/services/verify-calls';
import type { LikestreamError } from '../schemas/errors';

export interface ServiceAppOptions {
  readonly identity: ServiceIdentity;
  /** The routes; more may be added while the server runs. */
  readonly router: Router;
  readonly report: (error: LikestreamError) => void;
}

/** The app for calls between services. */
export function serviceApp({ identity, report, router }: ServiceAppOptions): Koa {
  const app = new Koa();
  app.silent = true;
  app.use(signAnswers(identity));
  app.use(problems(report));
  app.use(verifyCalls(identity));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
