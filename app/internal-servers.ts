import type Koa from 'koa';
import { systemClock } from '../runtime/clock';
import { type HttpServer, openHttpServer } from '../runtime/http-server';
import type { Settings } from '../runtime/settings/settings';

export const LOOPBACK = '127.0.0.1';

/** Opens a server on loopback. */
export function openLocalServer(app: Koa, port: number): Promise<HttpServer> {
  return openHttpServer(app, { port, host: LOOPBACK }, systemClock);
}

/** Opens the admin server, on loopback unless `ADMIN_HOST` names another address. */
export function openAdminServer(
  app: Koa,
  { ADMIN_HOST: host, ADMIN_PORT: port }: Settings,
): Promise<HttpServer> {
  return openHttpServer(app, { port, host }, systemClock, { setting: 'ADMIN_PORT' });
}

/**
 * Opens the server for calls between services: with `ADVERTISE_URL` on every address, and reached
 * at that URL's host; without it on loopback. `exclusive` gives each cluster worker its own port.
 */
export async function openServiceServer(
  app: Koa,
  { ADVERTISE_URL: advertised }: Settings,
  port: number,
): Promise<{ server: HttpServer; url: string }> {
  const host = advertised === undefined ? LOOPBACK : '0.0.0.0';
  const listen = { port, host, exclusive: true };
  const server = await openHttpServer(app, listen, systemClock, { setting: 'INTERNAL_PORT' });
  const url = new URL(advertised ?? `http://${LOOPBACK}`);
  if (advertised === undefined || port === 0) url.port = String(server.port);
  return { server, url: url.origin };
}
