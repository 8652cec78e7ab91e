import { createServer, type Server } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import { problems } from '../../runtime/problems';

/** A server of some routes on a port of its own. */
export class RouteServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(addRoutes: (router: Router) => void): Promise<RouteServer> {
    const [app, router] = [new Koa(), new Router()];
    app.silent = true;
    app.use(problems(() => undefined));
    addRoutes(router);
    app.use(router.routes());
    const server = createServer(app.callback());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return new RouteServer(server, `http://127.0.0.1:${port}`);
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
