import type { ListenOptions, Socket } from 'node:net';
import type Koa from 'koa';
import { systemClock as clock } from '../runtime/clock';
import { eventLoopUtilization } from '../runtime/event-loop';
import { type HttpServer, openHttpServer } from '../runtime/http-server';
import { ConnectionLimit } from '../runtime/limits/connection-limit';
import { Overload } from '../runtime/overload';
import { connectionsOf, mostOf } from '../runtime/settings/limits';
import type { Settings } from '../runtime/settings/settings';
import type { ProcessContext } from './process-context';
import type { PublicApp } from './public-app';
import type { ShutdownStack } from './shutdown-stack';

/**
 * Opens the public server of a process that accepts writes itself, within what it can serve.
 * `adopted` counts connections that the process has besides those of the server.
 */
export function openWritingServer(
  app: PublicApp,
  context: ProcessContext,
  shutdown: ShutdownStack,
  adopted?: () => number,
): Promise<HttpServer> {
  const { metrics, settings } = context;
  const writes = new Overload({
    clock,
    utilization: eventLoopUtilization(),
    refused: () => metrics.problems.inc({ code: 'overloaded' }),
  });
  metrics.observe('writes_allowed', () => writes.allowed);
  shutdown.add(() => writes.close());
  return openHttpServer(app, publicAddress(settings), clock, {
    keepAliveMs: settings.KEEP_ALIVE_MS,
    connections: connectionLimit(context, adopted),
    setting: 'PORT',
    writes,
    headersFor: (request) => app.headersFor(request),
  });
}

/** The address and port on which clients are served. */
export function publicAddress({ PORT, PUBLIC_HOST: host }: Settings): ListenOptions {
  return { port: PORT, ...(host !== undefined && { host }) };
}

/** Opens the public server of a process that forwards writes. */
export function openForwardingServer(
  app: Koa,
  listen: ListenOptions | Socket,
  context: ProcessContext,
  adopted: () => number,
): Promise<HttpServer> {
  return openHttpServer(app, listen, clock, {
    keepAliveMs: context.settings.KEEP_ALIVE_MS,
    connections: connectionLimit(context, adopted),
  });
}

function connectionLimit(
  { metrics, settings }: ProcessContext,
  elsewhere?: () => number,
): ConnectionLimit {
  const { TRUSTED_PROXIES: proxies = 0 } = settings;
  const mostOfAddress = proxies === 0 ? mostOf(settings, 'connections_of_address') : Infinity;
  return new ConnectionLimit({
    ...{ most: connectionsOf(settings), elsewhere, clock },
    ...(mostOfAddress < Infinity && { mostOfAddress }),
    limited: (limit, count) => metrics.limited(limit, count),
  });
}
