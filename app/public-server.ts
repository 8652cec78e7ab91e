import type { ListenOptions, Socket } from 'node:net';
import type Koa from 'koa';
import { systemClock as clock } from '../runtime/clock';
import { type HttpServer, openHttpServer } from '../runtime/http-server';
import { Overload } from '../runtime/overload';
import type { ProcessContext } from './process-context';
import type { ShutdownStack } from './shutdown-stack';

/** Opens the public server of a process that accepts writes itself, within what it can serve. */
export function openWritingServer(
  app: Koa,
  context: ProcessContext,
  shutdown: ShutdownStack,
): Promise<HttpServer> {
  const { metrics, settings } = context;
  const writes = new Overload(clock, () => metrics.problems.inc({ code: 'overloaded' }));
  metrics.observe('writes_allowed', () => writes.allowed);
  shutdown.add(() => writes.close());
  return openHttpServer(app, { port: settings.PORT }, clock, {
    keepAliveMs: settings.KEEP_ALIVE_MS,
    writes,
  });
}

/** Opens the public server of a process that forwards writes. */
export function openForwardingServer(
  app: Koa,
  listen: ListenOptions | Socket,
  { settings }: ProcessContext,
): Promise<HttpServer> {
  return openHttpServer(app, listen, clock, { keepAliveMs: settings.KEEP_ALIVE_MS });
}
