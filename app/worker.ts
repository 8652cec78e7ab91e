import Router from '@koa/router';
import type { Context } from 'koa';
import { HttpFacts } from '../adapters/http/fact-reader';
import { HttpSubscriptions } from '../adapters/http/subscriptions';
import { openRedis } from '../adapters/redis/client';
import { RedisDirectory } from '../adapters/redis/directory';
import { RedisLeases } from '../adapters/redis/leases';
import { redisServersOf } from '../adapters/redis/servers';
import { LiveWorkers } from '../dispatchers/workers/live-workers';
import { addDeliveryRoutes } from '../frontends/delivery-routes';
import { addChannelRoutes, addStreamRoutes } from '../frontends/routes';
import { systemClock as clock } from '../runtime/clock';
import { loadLibc } from '../runtime/libc';
import { ForwardedMembers } from '../runtime/members/forwarded-members';
import { ServiceClient } from '../runtime/services/service-client';
import { sharePort } from '../runtime/shared-port';
import { leasedOriginOf } from '../schemas/origins';
import { DispatcherList } from './dispatcher-list';
import { Forwarder } from './forwarder';
import { buildFrontend } from './frontend-role';
import { openServiceServer } from './internal-servers';
import type { ProcessContext } from './process-context';
import { publicApp } from './public-app';
import { openForwardingServer, publicAddress } from './public-server';
import { serviceApp } from './service-app';
import type { ShutdownStack } from './shutdown-stack';
import { endBanned, watchFacts } from './watch-facts';

/** The primary's servers: for calls between services, and for requests that workers forward. */
export interface Primary {
  readonly services: string;
  readonly forwardRest: string;
  /** The public port, if each worker has its own socket; else they share the primary's. */
  readonly port?: number | undefined;
}

/**
 * Starts a worker: a frontend with its own lease and its own server for deliveries. It forwards
 * requests other than streams to the primary. Resolves when it accepts viewers.
 */
export async function startWorker(
  context: ProcessContext,
  primary: Primary,
  shutdown: ShutdownStack,
): Promise<void> {
  const { identity, members, metrics, origins, refused, report, settings, types } = context;
  const client = new ServiceClient(identity);
  const forwarder = new Forwarder(client, members);
  shutdown.add(() => client.close());
  const forwardRest = (ctx: Context): Promise<void> => forwarder.forward(ctx, primary.forwardRest);
  const router = new Router();
  const service = await openServiceServer(serviceApp({ identity, router, report }), settings, 0);
  shutdown.add(() => service.server.close());
  const subscriptions = new HttpSubscriptions(client, dispatchers(context, primary, shutdown));
  const { adopted, frontend, sockets } = buildFrontend(context, subscriptions, service.url);
  const { deliveries, sessions } = frontend;
  addDeliveryRoutes(router, deliveries);
  addChannelRoutes(router, { sessions, members: new ForwardedMembers(refused) });
  router.post('/metrics', async (ctx) => {
    ctx.body = { metrics: await metrics.registry.getMetricsAsJSON() };
  });
  await frontend.start();
  const reader = new HttpFacts(client, primary.services);
  const facts = await watchFacts(reader, context, shutdown);
  endBanned(facts, sessions);
  const app = publicApp({
    addRoutes(outer) {
      const forwardStream = forwardRest;
      addStreamRoutes(outer, { sessions, sockets, members, facts, forwardStream });
      for (const kind of types.kinds) outer.all(`/${kind}s/*path`, forwardRest);
      for (const { name } of types.all) outer.get(`/${name}`, forwardRest);
    },
    hasPage: true,
    origins,
    report,
    types,
  });
  const listen = primary.port
    ? sharePort(primary.port, loadLibc(), settings.PUBLIC_HOST)
    : publicAddress(settings);
  const publicServer = await openForwardingServer(app, listen, context, adopted);
  shutdown.add(async () => {
    await Promise.all([publicServer.close(), frontend.stop(settings.DRAIN_SPREAD_MS)]);
  });
  process.send?.({ url: service.url, publicPort: publicServer.port });
}

/** The URLs of the dispatchers: in embedded mode the primary's, else from the directory. */
function dispatchers(
  { failed, identity, names, settings }: ProcessContext,
  primary: Primary,
  shutdown: ShutdownStack,
): () => Promise<readonly string[]> {
  if (!settings.ROLE) return async () => [primary.services];
  const redis = openRedis(redisServersOf(settings));
  shutdown.add(() => redis.close());
  const workers = new LiveWorkers({
    ...{ clock, failed, removesDead: false },
    directory: new RedisDirectory(redis, names, leasedOriginOf(settings.DATACENTER)),
    leases: new RedisLeases(redis, names, identity.keys),
  });
  redis.onClosed(() => workers.interrupt());
  workers.start();
  shutdown.add(() => workers.close());
  const list = new DispatcherList(workers, clock);
  return () => list.all();
}
