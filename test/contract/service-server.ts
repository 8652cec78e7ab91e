import Router from '@koa/router';
import { serviceApp } from '../../app/service-app';
import { systemClock } from '../../runtime/clock';
import { openHttpServer } from '../../runtime/http-server';

/** The shared secret of a test's services. */
export const SECRET = 'the secret of this test';

export interface OpenDoor {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A service's own door on a port of its own, with the routes that `add` gives it. */
export async function serviceDoor(add: (router: Router) => void): Promise<OpenDoor> {
  const router = new Router();
  add(router);
  const app = serviceApp({ secret: SECRET, router, report: () => {} });
  const door = await openHttpServer(app, { port: 0, host: '127.0.0.1' }, systemClock);
  const { port } = door;
  return { url: `http://127.0.0.1:${port}`, close: () => door.close() };
}
