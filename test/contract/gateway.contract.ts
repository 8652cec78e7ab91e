import type { DeliveryGateway } from '../../adapters/delivery-gateway';
import type { Update, Worker } from '../../schemas/delivery';
import { freshChannel, freshId } from './time';

export interface GatewayPart {
  readonly gateway: DeliveryGateway;
  /** The worker that is there. */
  readonly worker: Worker;
  /** What it was handed. */
  readonly received: readonly Update[];
  /** Workers that cannot be reached, by what is wrong; empty where nothing can be. */
  readonly unreachable: ReadonlyMap<string, Worker>;
  readonly close: () => Promise<void>;
}

function update(version: number): Update {
  const vector = { 'dc1.1': { version, counts: { like: version + 1, love: 2 } } };
  return { channel: freshChannel(), vector, t: 1_700_000_000_000 + version };
}

/** What any way to a frontend has to do. */
export function describeGatewayContract(name: string, open: () => Promise<GatewayPart>): void {
  describe(`the way to a frontend: ${name}`, () => {
    let part: GatewayPart;
    beforeEach(async () => {
      part = await open();
    });
    afterEach(() => part.close());

    it('hands updates over, whole and in order, and resolves once the worker has them', async () => {
      const updates = [update(0), update(1_203), { ...update(5), vector: {} }];
      await part.gateway.deliver(part.worker, updates);
      expect(part.received).toEqual(updates);
    });

    it('hands over all that one delivery may carry', async () => {
      const updates = Array.from({ length: 1_000 }, (_, at) => update(at));
      await part.gateway.deliver(part.worker, updates);
      expect(part.received).toEqual(updates);
    });

    it('hands over several deliveries at once', async () => {
      const updates = Array.from({ length: 20 }, (_, at) => update(at));
      await Promise.all(updates.map((one) => part.gateway.deliver(part.worker, [one])));
      expect(new Set(part.received.map(({ channel }) => channel))).toEqual(
        new Set(updates.map(({ channel }) => channel)),
      );
    });

    it('rejects with `not_found` when another worker is there now, and hands it nothing', async () => {
      const before = { ...part.worker, id: freshId('worker') };
      const delivered = part.gateway.deliver(before, [update(1)]);
      await expect(delivered).rejects.toMatchObject({ code: 'not_found' });
      expect(part.received).toEqual([]);
    });

    it('rejects with `peer_unavailable` when the worker cannot be reached', async () => {
      const outcomes = [...part.unreachable].map(async ([wrong, worker]) => {
        const outcome = part.gateway.deliver(worker, [update(1)]);
        return [
          wrong,
          await outcome.then(
            () => 'delivered',
            (error) => error.code,
          ),
        ];
      });
      for (const [wrong, outcome] of await Promise.all(outcomes)) {
        expect([wrong, outcome]).toEqual([wrong, 'peer_unavailable']);
      }
    });
  });
}
