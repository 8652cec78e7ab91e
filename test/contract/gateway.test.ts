import { DirectGateway } from '../../adapters/embedded/delivery-gateway';
import { HttpGateway } from '../../adapters/http/delivery-gateway';
import { Channels } from '../../frontends/channels/channels';
import { Deliveries } from '../../frontends/deliveries';
import { addDeliveryRoutes } from '../../frontends/delivery-routes';
import { systemClock } from '../../runtime/clock';
import { ServiceClient } from '../../runtime/services/service-client';
import type { Update } from '../../schemas/delivery';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { describeGatewayContract } from './gateway.contract';
import { identityOf, openService, SECRET } from './service-server';
import { freshId } from './time';

/** A frontend's deliveries that record their arguments. */
class Noting extends Deliveries {
  readonly received: Update[] = [];

  constructor(workerId: string) {
    super(workerId, new Channels(new EventTypes([likes]), systemClock, () => {}), systemClock);
  }

  override receive(to: string, updates: readonly Update[]): void {
    super.receive(to, updates);
    this.received.push(...updates);
  }
}

describeGatewayContract('a call', async () => {
  const worker = { id: freshId('worker'), url: '' };
  const deliveries = new Noting(worker.id);
  return {
    gateway: new DirectGateway(deliveries),
    worker,
    received: deliveries.received,
    unreachable: new Map(),
    close: async () => {},
  };
});

describeGatewayContract('HTTP', async () => {
  const id = freshId('worker');
  const deliveries = new Noting(id);
  const server = await openService((router) => addDeliveryRoutes(router, deliveries));
  const broken = await openService((router) =>
    router.post('/deliveries', () => {
      throw new Error('broken');
    }),
  );
  const strange = await openService((router) =>
    router.post('/deliveries', (ctx) => {
      ctx.body = '<html>';
    }),
  );
  const closed = await openService(() => {});
  await closed.close();
  const client = new ServiceClient(identityOf(SECRET));
  return {
    gateway: new HttpGateway(client),
    worker: { id, url: server.url },
    received: deliveries.received,
    unreachable: new Map([
      ['nothing listens', { id, url: closed.url }],
      ['it fails', { id, url: broken.url }],
      ['something else answers', { id, url: strange.url }],
      ['the address is none', { id, url: 'nonsense' }],
    ]),
    async close() {
      await client.close();
      for (const open of [server, broken, strange]) await open.close();
    },
  };
});

describe('the server for deliveries', () => {
  it('refuses calls without the shared secret', async () => {
    const deliveries = new Noting('worker-1');
    const server = await openService((router) => addDeliveryRoutes(router, deliveries));
    const client = new ServiceClient(identityOf('another secret'));
    const updates = [{ channel: 'video:1', type: 'likes', vector: {}, t: 1 }];
    const delivered = new HttpGateway(client).deliver({ id: 'worker-1', url: server.url }, updates);
    await expect(delivered).rejects.toMatchObject({ code: 'peer_unavailable' });
    expect(deliveries.received).toEqual([]);
    await client.close();
    await server.close();
  });
});
