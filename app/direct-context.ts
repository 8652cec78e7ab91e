import type { IncomingMessage, ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import Koa from 'koa';

type Params = Readonly<Record<string, string>>;

/** Makes Koa's context of a request that passes none of Koa's layers. */
export type ContextMaker = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Params,
) => RouterContext;

/**
 * Returns a function that makes the contexts of a router's handlers. They have the fields that
 * Koa's `createContext` and the router set, but are objects of classes: Koa adds each field to an
 * empty object, which costs more memory and time. `status` and `body` are plain fields, because
 * Koa's setters find out the type and the length of each body.
 */
export function contextMaker(router: Router): ContextMaker {
  const app = new Koa();

  class Context {
    readonly app = app;
    readonly router = router;
    readonly state = {};
    readonly originalUrl: string | undefined;
    readonly request: Request;
    status = 200;
    body: unknown = undefined;
    private made: Response | undefined;

    constructor(
      readonly req: IncomingMessage,
      readonly res: ServerResponse,
      readonly params: Params,
    ) {
      this.originalUrl = req.url;
      this.request = new Request(this);
    }

    /** Most answers need none. */
    get response(): Response {
      this.made ??= new Response(this);
      return this.made;
    }
  }

  class Request {
    readonly app = app;
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly params: Params;
    readonly originalUrl: string | undefined;

    constructor(readonly ctx: Context) {
      this.req = ctx.req;
      this.res = ctx.res;
      this.params = ctx.params;
      this.originalUrl = ctx.originalUrl;
    }

    get response(): Response {
      return this.ctx.response;
    }
  }

  class Response {
    readonly app = app;
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly request: Request;

    constructor(readonly ctx: Context) {
      this.req = ctx.req;
      this.res = ctx.res;
      this.request = ctx.request;
    }
  }

  Object.setPrototypeOf(Context.prototype, app.context);
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  // They have Koa's methods by their prototypes.
  return (request, response, params) =>
    new Context(request, response, params) as unknown as RouterContext;
}
