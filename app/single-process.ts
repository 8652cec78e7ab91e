import { DirectGateway } from '../adapters/embedded/delivery-gateway';
import { addStreamRoutes } from '../frontends/routes';
import type { HttpServer } from '../runtime/http-server';
import { metricsText } from '../runtime/metrics';
import { adminApp } from './admin-app';
import { buildDispatcher } from './dispatcher-role';
import { openEmbeddedBackends } from './embedded-backends';
import { buildFrontend } from './frontend-role';
import { openAdminServer } from './internal-servers';
import { operatorWrites } from './operator-writes';
import type { ProcessContext } from './process-context';
import { addProducer } from './producer-role';
import { publicApp } from './public-app';
import { openWritingServer } from './public-server';
import { readiness } from './readiness';
import type { RunningApp, ShutdownStack } from './shutdown-stack';
import { adminRoutes, endBanned, watchFacts } from './watch-facts';

/** Starts every role in this process, on embedded back ends; only clients use the network. */
export async function startSingleProcess(
  context: ProcessContext,
  shutdown: ShutdownStack,
): Promise<RunningApp> {
  const { members, metrics, origins, report, settings, types } = context;
  // It ends last: until then a load balancer reads there that the process ends.
  shutdown.add(() => adminServer?.close());
  let adminServer: HttpServer | undefined;
  const backends = openEmbeddedBackends(context);
  shutdown.add(() => backends.close());
  const facts = await watchFacts(backends.facts, context, shutdown);
  const gateway = new DirectGateway({
    receive: (to, updates) => frontend.deliveries.receive(to, updates),
  });
  const dispatcher = buildDispatcher(backends, context, gateway);
  const { adopted, frontend, sockets } = buildFrontend(context, dispatcher.subscriptions, '');
  const { sessions } = frontend;
  const operators = operatorWrites(context);
  const app = publicApp({
    addRoutes(router) {
      shutdown.add(addProducer(router, backends, context, facts, operators));
      addStreamRoutes(router, { sessions, sockets, members, facts });
    },
    hasPage: true,
    origins,
    report,
    types,
  });
  await dispatcher.start();
  shutdown.add(() => dispatcher.stop());
  await frontend.start();
  endBanned(facts, sessions);
  const publicServer = await openWritingServer(app, context, shutdown, adopted);
  shutdown.add(async () => {
    await Promise.all([publicServer.close(), frontend.stop(settings.DRAIN_SPREAD_MS)]);
  });
  const admin = adminApp({
    metrics: () => metricsText(metrics, []),
    unavailable: readiness(settings, shutdown),
    addRoutes: adminRoutes(context, () => ({ store: backends.facts, watch: facts })),
    writes: operators?.router,
  });
  adminServer = await openAdminServer(admin, settings);
  return { publicPort: publicServer.port, adminPort: adminServer.port, stop: () => shutdown.end() };
}
