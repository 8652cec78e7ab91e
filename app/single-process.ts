import { DirectGateway } from '../adapters/embedded/delivery-gateway';
import { addStreamRoutes } from '../frontends/routes';
import { systemClock } from '../runtime/clock';
import { openHttpServer } from '../runtime/http-server';
import { metricsText } from '../runtime/metrics';
import { adminApp } from './admin-app';
import { buildDispatcher } from './dispatcher-role';
import { openEmbeddedBackends } from './embedded-backends';
import { buildFrontend } from './frontend-role';
import { openAdminServer } from './internal-servers';
import type { ProcessContext } from './process-context';
import { addProducer } from './producer-role';
import { publicApp } from './public-app';
import type { RunningApp, ShutdownStack } from './shutdown-stack';

/** Every role in this one process, on embedded parts: nothing goes over a network but viewers. */
export async function startSingleProcess(
  around: ProcessContext,
  started: ShutdownStack,
): Promise<RunningApp> {
  const { members, metrics, report, settings } = around;
  const parts = openEmbeddedBackends(around);
  started.add(() => parts.close());
  const gateway = new DirectGateway({
    receive: (to, updates) => frontend.deliveries.receive(to, updates),
  });
  const dispatcher = buildDispatcher(parts, around, gateway);
  const { frontend, sockets } = buildFrontend(around, dispatcher.subscriptions, '');
  const { sessions } = frontend;
  const app = publicApp({
    addRoutes(router) {
      addProducer(router, parts, around);
      addStreamRoutes(router, { sessions, sockets, members });
    },
    hasPage: true,
    corsOrigins: settings.CORS_ORIGINS,
    report,
  });
  await dispatcher.start();
  started.add(() => dispatcher.stop());
  await frontend.start();
  const outside = await openHttpServer(app, { port: settings.PORT }, systemClock);
  started.add(async () => {
    await Promise.all([outside.close(), frontend.stop(settings.DRAIN_SPREAD_MS)]);
  });
  const admin = adminApp({ metrics: () => metricsText(metrics, []), missing: () => [] });
  const adminDoor = await openAdminServer(admin, settings);
  started.add(() => adminDoor.close());
  return { publicPort: outside.port, adminPort: adminDoor.port, stop: () => started.end() };
}
