import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { AdoptingSockets } from '../../frontends/app';
import { NodeSockets } from '../../frontends/node-sockets';
import type { Viewer } from '../../frontends/sockets';
import { systemClock } from '../../runtime/clock';
import { describeSocketsContract } from './sockets.contract';
import type { SocketsPart } from './sockets-support';

async function behindServer(sockets: AdoptingSockets): Promise<SocketsPart> {
  const adopted = new Map<string, Viewer | Error>();
  const gone: Viewer[] = [];
  const drained: Viewer[] = [];
  sockets.listen({
    gone: (viewer) => gone.push(viewer),
    drained: (viewer) => drained.push(viewer),
  });
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx) => {
    if (ctx.path !== '/') return;
    await part.adoptAfter;
    try {
      adopted.set(ctx.get('X-Client'), sockets.adopt(ctx));
    } catch (error) {
      adopted.set(ctx.get('X-Client'), error instanceof Error ? error : new Error('thrown'));
      throw error;
    }
  });
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const part: SocketsPart = {
    ...{ sockets, port, adopted, gone, drained, adoptAfter: Promise.resolve() },
    open: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return part;
}

describeSocketsContract("Node's", () => behindServer(new NodeSockets(systemClock)));
