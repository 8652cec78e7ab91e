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
import { type Libc, loadLibc } from '../runtime/libc';
import type { Logger } from '../runtime/log-lines';
import { ForwardedMembers } from '../runtime/members/forwarded-members';
import { metricsText } from '../runtime/metrics';
import { ServiceClient } from '../runtime/services/service-client';
import { hasWorkers } from '../runtime/settings/running';
import { reservePort } from '../runtime/shared-port';
import { adminApp } from './admin-app';
import type { Backends } from './backends';
import { announceDispatcher, DispatcherList } from './dispatcher-list';
import { buildDispatcher } from './dispatcher-role';
import { openEmbeddedBackends } from './embedded-backends';
import { addFactRoutes } from './fact-routes';
import type { FactWatch } from './fact-watch';
import { Forwarder } from './forwarder';
import { buildFrontend } from './frontend-role';
import { openAdminServer, openLocalServer, openServiceServer } from './internal-servers';
import { operatorWrites } from './operator-writes';
import type { ProcessContext } from './process-context';
import { addProducer } from './producer-role';
import { publicApp } from './public-app';
import { openWritingServer } from './public-server';
import { readiness } from './readiness';
import { openServerBackends } from './server-backends';
import { serviceApp } from './service-app';
import type { RunningApp, ShutdownStack } from './shutdown-stack';
import { forwardToWorker } from './stream-forwarding';
import { adminRoutes, endBanned, type OwnFacts, watchFacts } from './watch-facts';
import { WorkerPool } from './worker-pool';

type RoleName = 'producer' | 'dispatcher' | 'frontend';

/**
 * Starts the configured roles with HTTP between them: on servers, or on embedded back ends with
 * workers that hold the viewers.
 */
export async function startProcessTree(
  context: ProcessContext,
  shutdown: ShutdownStack,
): Promise<RunningApp> {
  const { identity, unavailable, log, metrics, refused, report, secret, settings } = context;
  const has = (role: RoleName): boolean => settings.ROLE?.includes(role) ?? true;
  const client = new ServiceClient(identity);
  // With workers, requests reach this process after their token was verified.
  const members = hasWorkers(settings) ? new ForwardedMembers(refused) : context.members;
  const forwarder = new Forwarder(client, members);
  const operators = operatorWrites(context);
  const notReady = readiness(settings, shutdown);
  let pool: WorkerPool | undefined;
  let facts: OwnFacts | undefined;
  const admin = adminApp({
    metrics: async () => metricsText(metrics, (await pool?.snapshots(client)) ?? []),
    unavailable: async () => [
      ...unavailable,
      ...(facts ? [] : ['start']),
      ...(pool?.unavailable() ?? []),
      ...(await notReady()),
    ],
    addRoutes: adminRoutes(context, () => facts),
    writes: operators?.router,
  });
  const adminServer = await openAdminServer(admin, settings);
  shutdown.add(() => adminServer.close());
  shutdown.add(() => client.close());
  const backends = await openBackends(context, shutdown);
  const watch = await watchFacts(backends.facts, context, shutdown);
  facts = { store: backends.facts, watch };
  const serviceRoutes = new Router();
  const writes = new Router();
  const services = await openServiceServer(
    serviceApp({ identity, router: serviceRoutes, report }),
    settings,
    settings.INTERNAL_PORT,
  );
  shutdown.add(() => services.server.close());
  addFactRoutes(serviceRoutes, watch);
  if (has('producer')) {
    shutdown.add(addProducer(writes, backends, { ...context, members }, watch, operators));
  }
  if (has('dispatcher')) {
    const dispatcher = buildDispatcher(backends, context, new HttpGateway(client));
    addSubscriptionRoutes(serviceRoutes, dispatcher.subscriptions);
    await startDispatcher(dispatcher, backends, services.url, context, shutdown);
  }
  const withRunning = { adminPort: adminServer.port, stop: () => shutdown.end() };
  if (!has('frontend')) {
    const publicPort = has('producer') ? await openWritesServer(writes, context, shutdown) : 0;
    return { ...withRunning, publicPort };
  }
  const { workers } = backends;
  const forwardStream = (ctx: Context): Promise<void> => forwardToWorker(ctx, workers, forwarder);
  if (hasWorkers(settings)) {
    writes.all('/stream/:connectionId/channels/:channel', forwardStream);
    writes.put('/stream/:connectionId/token', forwardStream);
    const forwarding = await openLocalServer(serviceApp({ identity, router: writes, report }), 0);
    shutdown.add(() => forwarding.close());
    const urls = { services: services.url, forwarding: `http://127.0.0.1:${forwarding.port}` };
    const port = portOfWorkers(context, shutdown);
    pool = new WorkerPool({ count: settings.WORKERS, urls, port, secret, log, clock });
    const running = pool;
    shutdown.add(() => running.stop());
    return { ...withRunning, publicPort: await pool.start() };
  }
  const viewers = {
    writes,
    serviceRoutes,
    facts: watch,
    client,
    workers,
    forwardStream,
    url: services.url,
  };
  return { ...withRunning, publicPort: await openViewersServer(viewers, context, shutdown) };
}

/** Reserves the public port for the workers' own sockets; undefined if the platform has none. */
function portOfWorkers(
  { log, settings }: ProcessContext,
  shutdown: ShutdownStack,
): number | undefined {
  const libc = libcOf(log);
  if (!libc) return undefined;
  const { close, port } = reservePort(settings.PORT, libc, settings.PUBLIC_HOST);
  shutdown.add(close);
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

async function openBackends(context: ProcessContext, shutdown: ShutdownStack): Promise<Backends> {
  const backends = context.settings.ROLE
    ? await openServerBackends(context)
    : openEmbeddedBackends(context);
  shutdown.add(() => backends.close());
  return backends;
}

async function startDispatcher(
  dispatcher: Dispatcher,
  backends: Backends,
  url: string,
  { failed }: ProcessContext,
  shutdown: ShutdownStack,
): Promise<void> {
  shutdown.add(() => dispatcher.stop());
  await dispatcher.start();
  const worker = { id: systemEntropy.secretId(), url };
  shutdown.add(announceDispatcher(backends, worker, clock, failed));
}

/** The public server of a producer alone. */
async function openWritesServer(
  writes: Router,
  context: ProcessContext,
  shutdown: ShutdownStack,
): Promise<number> {
  const app = publicApp({
    addRoutes: (router) => router.use(writes.routes()),
    hasPage: false,
    origins: context.origins,
    report: context.report,
    types: context.types,
  });
  const publicServer = await openWritingServer(app, context, shutdown);
  shutdown.add(() => publicServer.close());
  return publicServer.port;
}

interface ViewersServerOptions {
  /** The routes of the producer, if it runs here. */
  readonly writes: Router;
  readonly serviceRoutes: Router;
  readonly client: ServiceClient;
  readonly facts: FactWatch;
  readonly workers: LiveWorkers;
  /** Forwards a call about a stream of another worker. */
  readonly forwardStream: (ctx: Context) => Promise<void>;
  /** The URL at which other services reach this process. */
  readonly url: string;
}

/** The public server of a process that holds viewers itself. */
async function openViewersServer(
  { client, facts, forwardStream, serviceRoutes, url, workers, writes }: ViewersServerOptions,
  context: ProcessContext,
  shutdown: ShutdownStack,
): Promise<number> {
  const { members, origins, refused, report, settings, types } = context;
  const list = new DispatcherList(workers, clock);
  const subscriptions = new HttpSubscriptions(client, () => list.all());
  const { adopted, frontend, sockets } = buildFrontend(context, subscriptions, url);
  const { deliveries, sessions } = frontend;
  const app = publicApp({
    addRoutes(router) {
      router.use(writes.routes());
      addStreamRoutes(router, { sessions, sockets, members, facts, forwardStream });
    },
    hasPage: true,
    origins,
    report,
    types,
  });
  addDeliveryRoutes(serviceRoutes, deliveries);
  addChannelRoutes(serviceRoutes, { sessions, members: new ForwardedMembers(refused) });
  await frontend.start();
  endBanned(facts, sessions);
  const publicServer = await openWritingServer(app, context, shutdown, adopted);
  shutdown.add(async () => {
    await Promise.all([publicServer.close(), frontend.stop(settings.DRAIN_SPREAD_MS)]);
  });
  return publicServer.port;
}
