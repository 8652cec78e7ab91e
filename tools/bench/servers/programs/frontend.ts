import { randomBytes } from 'node:crypto';
import type Router from '@koa/router';
import { DirectSockets } from '../../../../adapters/sockets/direct/direct-sockets';
import type { Subscriptions } from '../../../../adapters/subscriptions';
import { publicApp } from '../../../../app/public-app';
import { addDeliveryRoutes } from '../../../../frontends/delivery-routes';
import { Frontend } from '../../../../frontends/frontend';
import { addStreamRoutes } from '../../../../frontends/routes';
import { systemClock as clock } from '../../../../runtime/clock';
import { systemEntropy as entropy } from '../../../../runtime/entropy';
import { openHttpServer } from '../../../../runtime/http-server';
import { loadLibc } from '../../../../runtime/libc';
import { AnonymousIds } from '../../../../runtime/members/anonymous-ids';
import { Cookies } from '../../../../runtime/members/cookies';
import { RequestMembers } from '../../../../runtime/members/request-members';
import { Metrics } from '../../../../runtime/metrics';
import { Origins } from '../../../../runtime/origins';
import { EventTypes } from '../../../../schemas/event-types';
import { likes } from '../../../../schemas/likes';
import { WATCH_RIGHTS } from '../../../../schemas/rights';

const [, , port, id = '', maxViewers] = process.argv;

function complain(error: unknown): void {
  process.stderr.write(`${error}\n`);
}

const types = new EventTypes([likes]);

/** Replaces the dispatchers: it has no likes, and the bench posts deliveries. */
const subscriptions: Subscriptions = {
  renew: async () => ({ unequal: [] }),
  change: async ({ join }) => ({ states: join.map((channel) => ({ channel, feeds: {} })) }),
};

/** Accepts everyone, without a token. */
function everyone(): RequestMembers {
  const cookies = new Cookies({ sameSite: 'lax', isSecure: false });
  const ids = new AnonymousIds({ cookies, entropy, keys: () => [randomBytes(32)] });
  return new RequestMembers({
    ...{ clock, cookies, verifier: undefined, refused: () => undefined },
    anonymous: { ids, rights: WATCH_RIGHTS },
  });
}

/** Only a frontend, to compare with services that only fan out. */
async function main(): Promise<void> {
  const sockets = new DirectSockets(loadLibc(), clock);
  const frontend = new Frontend({
    ...{ types, sockets, subscriptions, clock, entropy, measures: new Metrics() },
    worker: { id, url: '' },
    maxViewers: Number(maxViewers),
    failed: (_, error) => complain(error),
  });
  const { deliveries, sessions } = frontend;
  const app = publicApp({
    addRoutes(router: Router) {
      const members = everyone();
      const facts = { isPaused: () => false, isBanned: () => false, slowModeMs: () => 0 };
      addStreamRoutes(router, { sessions, sockets, members, facts });
      addDeliveryRoutes(router, deliveries);
    },
    origins: new Origins([]),
    hasPage: false,
    report: complain,
    types,
  });
  await frontend.start();
  await openHttpServer(app, { port: Number(port), host: '127.0.0.1' }, clock);
}

main().catch((error: unknown) => {
  complain(error);
  process.exit(1);
});
