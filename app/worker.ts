import Router from '@koa/router';
import type { Context } from 'koa';
import { HttpSubscriptions } from '../adapters/http/subscriptions';
import { openRedis } from '../adapters/redis/client';
import { RedisDirectory } from '../adapters/redis/directory';
import { RedisLeases } from '../adapters/redis/leases';
import { LiveWorkers } from '../dispatchers/workers/live-workers';
import { addDeliveryRoutes } from '../frontends/delivery-routes';
import { addChannelRoutes, addStreamRoutes } from '../frontends/routes';
import { systemClock as clock } from '../runtime/clock';
import { openHttpServer } from '../runtime/http-server';
import { loadLibc } from '../runtime/libc';
import { ServiceClient } from '../runtime/service-client';
import { sharePort } from '../runtime/shared-port';
import { DispatcherList } from './dispatcher-list';
import { Forwarder } from './forwarder';
import { buildFrontend } from './frontend-role';
import { openServiceServer } from './internal-servers';
import type { ProcessContext } from './process-context';
import { publicApp } from './public-app';
import { serviceApp } from './service-app';
import type { ShutdownStack } from './shutdown-stack';

/** The primary's doors: for calls between services, and for what workers hand on. */
export interface Primary {
  readonly services: string;
  readonly forwardRest: string;
  /** The public port where each worker has a socket of its own; else they share the primary's. */
  readonly port?: number | undefined;
}

/**
 * A viewer-holding process of a tree: a frontend with its own lease and delivery door. What is not a stream it hands on to the primary. Resolves when it takes viewers.
 */
export async function startWorker(
  around: ProcessContext,
  primary: Primary,
  started: ShutdownStack,
): Promise<void> {
  const { members, metrics, report, secret, settings } = around;
  const client = new ServiceClient(secret);
  const forwarder = new Forwarder(secret);
  started.add(async () => {
    await Promise.all([client.close(), forwarder.close()]);
  });
  const handOn = (ctx: Context): Promise<void> => forwarder.forward(ctx, primary.forwardRest);
  const router = new Router();
  const inside = await openServiceServer(serviceApp({ secret, router, report }), settings, 0);
  started.add(() => inside.door.close());
  const subscriptions = new HttpSubscriptions(client, dispatchers(around, primary, started));
  const { frontend, sockets } = buildFrontend(around, subscriptions, inside.url);
  const { deliveries, sessions } = frontend;
  addDeliveryRoutes(router, deliveries);
  addChannelRoutes(router, { sessions, members });
  router.post('/metrics', async (ctx) => {
    ctx.body = { metrics: await metrics.registry.getMetricsAsJSON() };
  });
  await frontend.start();
  const app = publicApp({
    addRoutes(outer) {
      addStreamRoutes(outer, { sessions, sockets, members, forwardStream: handOn });
      outer.all('/videos/*path', handOn);
    },
    hasPage: true,
    corsOrigins: settings.CORS_ORIGINS,
    report,
  });
  const listen = primary.port ? sharePort(primary.port, loadLibc()) : { port: settings.PORT };
  const outside = await openHttpServer(app, listen, clock);
  started.add(async () => {
    await Promise.all([outside.close(), frontend.stop(settings.DRAIN_SPREAD_MS)]);
  });
  process.send?.({ url: inside.url, publicPort: outside.port });
}

/** Embedded, the primary is the one dispatcher; else they are found in the directory. */
function dispatchers(
  { failed, settings }: ProcessContext,
  primary: Primary,
  started: ShutdownStack,
): () => Promise<readonly string[]> {
  if (!settings.ROLE) return async () => [primary.services];
  const redis = openRedis(settings.REDIS_URL);
  started.add(() => redis.disconnect());
  const workers = new LiveWorkers({
    ...{ clock, failed, removesDead: false },
    directory: new RedisDirectory(redis),
    leases: new RedisLeases(redis),
  });
  redis.on('close', () => workers.interrupt());
  workers.start();
  started.add(() => workers.close());
  const list = new DispatcherList(workers, clock);
  return () => list.all();
}
