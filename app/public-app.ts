import { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@koa/cors';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import type { Origins } from '../runtime/origins';
import { problems } from '../runtime/problems';
import { requireHeadSize } from '../runtime/request-head';
import { LikestreamError } from '../schemas/errors';
import type { EventTypes } from '../schemas/event-types';
import { clientFiles } from './client-files';
import { DirectPosts } from './direct-posts';
import { openApiFile } from './openapi/openapi-file';
import { pageFiles } from './page-files';

const PREFLIGHT_S = 600;

/** It answers large heads itself. */
const STREAM_PATH = '/stream';

export interface PublicAppOptions {
  /** Adds the routes of the roles that run here. */
  readonly addRoutes: (router: Router) => void;
  /** The origins whose pages may call. */
  readonly origins: Origins;
  /** Whether the demo page is served. */
  readonly hasPage: boolean;
  readonly report: (error: LikestreamError) => void;
  /** The event types that /openapi.yaml describes. */
  readonly types: EventTypes;
}

/** The public app: the browser client, the routes of this process's roles, and the demo page. */
export function publicApp(options: PublicAppOptions): PublicApp {
  const { addRoutes, hasPage, origins, report, types } = options;
  const router = new Router();
  addRoutes(router);
  const app = new PublicApp(new DirectPosts(router, { origins, report, exposed: EXPOSED }));
  app.silent = true;
  app.use(problems(report));
  app.use(clientFiles());
  app.use(openApiFile(types));
  app.use(requireOrigin(origins));
  app.use(cors({ origin: (ctx) => ctx.get('Origin'), ...CORS }));
  app.use(router.routes());
  app.use(router.allowedMethods());
  if (hasPage) app.use(pageFiles());
  return app;
}

/** Koa, and before it those requests that do not need its layers. */
export class PublicApp extends Koa {
  constructor(private readonly posts: DirectPosts) {
    super();
  }

  /** Names and values in turn: the headers of each answer to this request. */
  headersFor(request: IncomingMessage): readonly string[] {
    return this.posts.headersFor(request);
  }

  override callback(): ReturnType<Koa['callback']> {
    const through = super.callback();
    return (request, response) => {
      const isHttp1 = request instanceof IncomingMessage && response instanceof ServerResponse;
      const isDirect = isHttp1 && this.posts.begin(request, response);
      return isDirect ? BEGUN : through(request, response);
    };
  }
}

const BEGUN = Promise.resolve();

/** What `CORS` sets besides the origin. */
const EXPOSED = [
  ...['Access-Control-Allow-Credentials', 'true'],
  ...['Access-Control-Expose-Headers', 'Retry-After'],
];

const CORS = {
  credentials: true,
  maxAge: PREFLIGHT_S,
  allowMethods: 'GET,POST,PUT,DELETE',
  exposeHeaders: 'Retry-After',
  keepHeadersOnError: true,
};

/** Refuses requests of other pages before anything is done; theirs would carry the cookie. */
function requireOrigin(origins: Origins): Middleware {
  return async (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    if (ctx.path !== STREAM_PATH) requireHeadSize(ctx.req);
    const origin = ctx.get('Origin');
    if (origin !== '' && !origins.allows(origin, ctx.get('Host'))) {
      throw new LikestreamError('origin_forbidden', `pages of ${origin} may not call`);
    }
    await next();
  };
}
