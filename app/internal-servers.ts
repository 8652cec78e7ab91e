import type Koa from 'koa';
import { systemClock } from '../runtime/clock';
import { type HttpServer, openHttpServer } from '../runtime/http-server';
import type { Settings } from '../runtime/settings';

export const LOOPBACK = '127.0.0.1';

/** Opens a server for this machine alone. */
export function openLocalServer(app: Koa, port: number): Promise<HttpServer> {
  return openHttpServer(app, { port, host: LOOPBACK }, systemClock);
}

/** Opens the operators' server, on loopback unless told otherwise. */
export function openAdminServer(
  app: Koa,
  { ADMIN_HOST: host, ADMIN_PORT: port }: Settings,
): Promise<HttpServer> {
  return openHttpServer(app, { port, host }, systemClock);
}

/**
 * Opens a server for other services. With `ADVERTISE_URL` on every address, announced by that URL's
 * host, else on loopback. A cluster's workers each have their own: `exclusive`.
 */
export async function openServiceServer(
  app: Koa,
  { ADVERTISE_URL: advertised }: Settings,
  port: number,
): Promise<{ server: HttpServer; url: string }> {
  const host = advertised === undefined ? LOOPBACK : '0.0.0.0';
  const server = await openHttpServer(app, { port, host, exclusive: true }, systemClock);
  const url = new URL(advertised ?? `http://${LOOPBACK}`);
  if (advertised === undefined || port === 0) url.port = String(server.port);
  return { server, url: url.origin };
}
