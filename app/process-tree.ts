import Router from '@koa/router';
import type { Context } from 'koa';
import { HttpGateway } from '../adapters/http/delivery-gateway';
import { HttpSubscriptions } from '../adapters/http/subscriptions';
import type { Dispatcher } from '../dispatchers/dispatcher';
import { addSubscriptionRoutes } from '../dispatchers/routes';
import type { LiveWorkers } from '../dispatchers/workers/live-workers';
import { addDeliveryRoutes } from '../frontends/delivery-routes';
import { addChannelRoutes, addStreamRoutes } from '../frontends/routes';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { openHttpServer } from '../runtime/http-server';
import { type Libc, loadLibc } from '../runtime/libc';
import type { Logger } from '../runtime/log-lines';
import { metricsText } from '../runtime/metrics';
import { ServiceClient } from '../runtime/service-client';
import { reservePort } from '../runtime/shared-port';
import { adminApp } from './admin-app';
import type { Backends } from './backends';
import { announceDispatcher, DispatcherList } from './dispatcher-list';
import { buildDispatcher } from './dispatcher-role';
import { openEmbeddedBackends } from './embedded-backends';
import { Forwarder } from './forwarder';
import { buildFrontend } from './frontend-role';
import { openAdminServer, openLocalServer, openServiceServer } from './internal-servers';
import type { ProcessContext } from './process-context';
import { addProducer } from './producer-role';
import { publicApp } from './public-app';
import { openServerBackends } from './server-backends';
import { serviceApp } from './service-app';
import type { RunningApp, ShutdownStack } from './shutdown-stack';
import { forwardToWorker } from './stream-forwarding';
import { WorkerPool } from './worker-pool';

type RoleName = 'producer' | 'dispatcher' | 'frontend';

/**
 * The roles asked for, with doors between them: on real parts, or on embedded ones with viewers in
 * processes of their own.
 */
export async function startProcessTree(
  around: ProcessContext,
  started: ShutdownStack,
): Promise<RunningApp> {
  const { unavailable: away, log, metrics, report, secret, settings } = around;
  const has = (role: RoleName): boolean => settings.ROLE?.includes(role) ?? true;
  const client = new ServiceClient(secret);
  const forwarder = new Forwarder(secret);
  let pool: WorkerPool | undefined;
  let parts: Backends | undefined;
  const admin = adminApp({
    metrics: async () => metricsText(metrics, (await pool?.snapshots(client)) ?? []),
    missing: () => [...away, ...(parts ? [] : ['start']), ...(pool?.missing() ?? [])],
  });
  const adminDoor = await openAdminServer(admin, settings);
  started.add(() => adminDoor.close());
  started.add(async () => {
    await Promise.all([client.close(), forwarder.close()]);
  });
  parts = await openBackends(around, started);
  const services = new Router();
  const likes = new Router();
  const inside = await openServiceServer(
    serviceApp({ secret, router: services, report }),
    settings,
    settings.INTERNAL_PORT,
  );
  started.add(() => inside.door.close());
  if (has('producer')) addProducer(likes, parts, around);
  if (has('dispatcher')) {
    const dispatcher = buildDispatcher(parts, around, new HttpGateway(client));
    addSubscriptionRoutes(services, dispatcher.subscriptions);
    await startDispatcher(dispatcher, parts, inside.url, around, started);
  }
  const withRunning = { adminPort: adminDoor.port, stop: () => started.end() };
  if (!has('frontend')) {
    const publicPort = has('producer') ? await openLikesServer(likes, around, started) : 0;
    return { ...withRunning, publicPort };
  }
  const { workers } = parts;
  const forwardStream = (ctx: Context): Promise<void> => forwardToWorker(ctx, workers, forwarder);
  if (settings.WORKERS > 0) {
    likes.all('/stream/:connectionId/channels/:channel', forwardStream);
    const handOn = await openLocalServer(serviceApp({ secret, router: likes, report }), 0);
    started.add(() => handOn.close());
    const urls = { services: inside.url, handOn: `http://127.0.0.1:${handOn.port}` };
    const port = portOfWorkers(around, started);
    pool = new WorkerPool({ count: settings.WORKERS, urls, port, secret, log, clock });
    const running = pool;
    started.add(() => running.stop());
    return { ...withRunning, publicPort: await pool.start() };
  }
  const viewers = { likes, services, client, workers, forwardStream, url: inside.url };
  return { ...withRunning, publicPort: await openViewersServer(viewers, around, started) };
}

/** The public port, kept for the workers' own sockets; undefined where they cannot have any. */
function portOfWorkers(
  { log, settings }: ProcessContext,
  started: ShutdownStack,
): number | undefined {
  const libc = libcOf(log);
  if (!libc) return undefined;
  const { close, port } = reservePort(settings.PORT, libc);
  started.add(close);
  return port;
}

function libcOf(log: Logger): Libc | undefined {
  try {
    return loadLibc();
  } catch (error) {
    log.info({ err: error }, 'workers share one socket');
    return undefined;
  }
}

async function openBackends(around: ProcessContext, started: ShutdownStack): Promise<Backends> {
  const parts = around.settings.ROLE
    ? await openServerBackends(around)
    : openEmbeddedBackends(around);
  started.add(() => parts.close());
  return parts;
}

async function startDispatcher(
  dispatcher: Dispatcher,
  parts: Backends,
  url: string,
  { failed }: ProcessContext,
  started: ShutdownStack,
): Promise<void> {
  started.add(() => dispatcher.stop());
  await dispatcher.start();
  const worker = { id: systemEntropy.secretId(), url };
  started.add(announceDispatcher(parts, worker, clock, failed));
}

/** The public door of a producer alone. */
async function openLikesServer(
  likes: Router,
  { report, settings }: ProcessContext,
  started: ShutdownStack,
): Promise<number> {
  const app = publicApp({
    addRoutes: (router) => router.use(likes.routes()),
    hasPage: false,
    corsOrigins: settings.CORS_ORIGINS,
    report,
  });
  const outside = await openHttpServer(app, { port: settings.PORT }, clock);
  started.add(() => outside.close());
  return outside.port;
}

interface ViewersServerOptions {
  readonly likes: Router;
  readonly services: Router;
  readonly client: ServiceClient;
  readonly workers: LiveWorkers;
  /** Who is asked about a stream that is not here. */
  readonly forwardStream: (ctx: Context) => Promise<void>;
  /** Where other services reach this process. */
  readonly url: string;
}

/** The public door of a process that holds viewers itself. */
async function openViewersServer(
  { client, forwardStream, likes, services, url, workers }: ViewersServerOptions,
  around: ProcessContext,
  started: ShutdownStack,
): Promise<number> {
  const { members, report, settings } = around;
  const list = new DispatcherList(workers, clock);
  const subscriptions = new HttpSubscriptions(client, () => list.all());
  const { frontend, sockets } = buildFrontend(around, subscriptions, url);
  const { deliveries, sessions } = frontend;
  const app = publicApp({
    addRoutes(router) {
      router.use(likes.routes());
      addStreamRoutes(router, { sessions, sockets, members, forwardStream: forwardStream });
    },
    hasPage: true,
    corsOrigins: settings.CORS_ORIGINS,
    report,
  });
  addDeliveryRoutes(services, deliveries);
  addChannelRoutes(services, { sessions, members });
  await frontend.start();
  const outside = await openHttpServer(app, { port: settings.PORT }, clock);
  started.add(async () => {
    await Promise.all([outside.close(), frontend.stop(settings.DRAIN_SPREAD_MS)]);
  });
  return outside.port;
}
