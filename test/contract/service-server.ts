import Router from '@koa/router';
import { serviceApp } from '../../app/service-app';
import { systemClock } from '../../runtime/clock';
import { systemEntropy } from '../../runtime/entropy';
import { openHttpServer } from '../../runtime/http-server';
import { ServiceIdentity } from '../../runtime/services/service-identity';

/** The shared secret of a test's services. */
export const SECRET = 'the secret of this test';

/** A process of its own among the services of a test. */
export function identityOf(secret: string): ServiceIdentity {
  return new ServiceIdentity(secret, systemEntropy);
}

export interface OpenServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Opens a server for calls between services on a free port, with the routes that `add` adds. */
export async function openService(
  add: (router: Router) => void,
  secret = SECRET,
): Promise<OpenServer> {
  const router = new Router();
  add(router);
  const app = serviceApp({ identity: identityOf(secret), router, report: () => {} });
  const server = await openHttpServer(app, { port: 0, host: '127.0.0.1' }, systemClock);
  const { port } = server;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
