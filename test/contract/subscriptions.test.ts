import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { HttpSubscriptions } from '../../adapters/http/subscriptions';
import type { StateStore } from '../../adapters/state-store';
import { addSubscriptionRoutes } from '../../dispatchers/routes';
import { SubscriptionService } from '../../dispatchers/subscriptions';
import { ServiceClient } from '../../runtime/services/service-client';
import { DIGEST_BUCKETS } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { openSimulatedDisk } from './embedded';
import { identityOf, openService, SECRET } from './service-server';
import { describeSubscriptionsContract } from './subscriptions.contract';
import { TYPES } from './subscriptions-support';

function dispatcher() {
  const { clock, database, time } = openSimulatedDisk();
  const saved = new EmbeddedStates(database);
  const cache = new EmbeddedCache(TYPES);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  const states: StateStore = {
    load: (channels, type) => saved.load(channels, type),
    save: (of) => time.finish(saved.save(of)),
  };
  const cutOff = (): void => {
    const away = () => Promise.reject(new LikestreamError('directory_unavailable'));
    Object.assign(directory, { change: away, digest: away, watchers: away });
    Object.assign(leases, { renew: away });
  };
  const service = new SubscriptionService({
    ...{ directory, leases, cache, states, clock },
    types: TYPES,
  });
  return { directory, leases, cache, states, cutOff, service };
}

describeSubscriptionsContract('a call', async () => {
  const { service, ...parts } = dispatcher();
  return { ...parts, subscriptions: service, close: async () => {} };
});

describeSubscriptionsContract('HTTP, through any of two dispatchers', async () => {
  const { service, ...parts } = dispatcher();
  const add = (router: Parameters<typeof addSubscriptionRoutes>[0]) =>
    addSubscriptionRoutes(router, service);
  const servers = [await openService(add), await openService(add)];
  const client = new ServiceClient(identityOf(SECRET));
  const subscriptions = new HttpSubscriptions(client, async () => servers.map(({ url }) => url));
  return {
    ...parts,
    subscriptions,
    async close() {
      await client.close();
      for (const server of servers) await server.close();
    },
  };
});

describe('HttpSubscriptions', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  function through(...urls: string[]): HttpSubscriptions {
    const client = new ServiceClient(identityOf(SECRET));
    closing.unshift(() => client.close());
    return new HttpSubscriptions(client, async () => urls);
  }

  const worker = { id: 'worker-1', url: '' };

  it('calls the next dispatcher if one is unavailable', async () => {
    const away = await openService(() => {});
    await away.close();
    const { service } = dispatcher();
    const there = await openService((router) => addSubscriptionRoutes(router, service));
    closing.push(there.close);
    const subscriptions = through(away.url, there.url);
    const renewal = { worker, digest: new Array<number>(DIGEST_BUCKETS).fill(0), turn: 1 };
    for (let call = 0; call < 4; call++) {
      expect(await subscriptions.renew(renewal)).toEqual({ unequal: [] });
    }
  });

  it('rejects with `peer_unavailable` if no dispatcher answers', async () => {
    const other = await openService(() => {});
    closing.push(other.close);
    const subscriptions = through(other.url);
    const asked = subscriptions.change({
      worker,
      join: ['video:1'],
      leave: [],
      buckets: [],
      turn: 0,
      reports: [],
    });
    await expect(asked).rejects.toMatchObject({ code: 'peer_unavailable' });
  });
});
