import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { Viewer } from '../../adapters/viewer-sockets';
import type { AdoptingSockets } from '../../frontends/routes';
import type { SocketsFixture } from './sockets-support';

const LISTENING = '0A';

/** The kernel's count of connections to `port`, in all processes. */
function connectionsTo(port: number, server: Server): Promise<number> {
  if (process.platform === 'linux') {
    const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
    const fields = rows.map((row) => row.trim().split(/\s+/));
    const isOpen = ([, at = '', , state, , , , , , inode]: string[]): boolean =>
      at.endsWith(local) && state !== LISTENING && inode !== '0';
    return Promise.resolve(fields.filter(isOpen).length);
  }
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

/** Starts an HTTP server whose `GET /` is adopted by the sockets. */
export async function behindServer(sockets: AdoptingSockets): Promise<SocketsFixture> {
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
    await fixture.adoptAfter;
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
  const fixture: SocketsFixture = {
    ...{ sockets, port, adopted, gone, drained, adoptAfter: Promise.resolve() },
    open: () => connectionsTo(port, server),
    close: async () => {
      await sockets.end();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
  return fixture;
}
