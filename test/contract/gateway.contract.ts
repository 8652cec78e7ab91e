import type { DeliveryGateway } from '../../adapters/delivery-gateway';
import type { Update, Worker } from '../../schemas/delivery';
import { freshChannel, freshId } from './time';

export interface GatewayFixture {
  readonly gateway: DeliveryGateway;
  /** The worker at the address. */
  readonly worker: Worker;
  /** The updates that it received. */
  readonly received: readonly Update[];
  /** Unreachable workers, by reason; none for calls in one process. */
  readonly unreachable: ReadonlyMap<string, Worker>;
  readonly close: () => Promise<void>;
}

function update(version: number): Update {
  const vector = { 'dc1.1': { version, state: { like: version + 1, love: 2 } } };
  return { channel: freshChannel(), type: 'likes', vector, t: 1_700_000_000_000 + version };
}

/** The contract of every delivery gateway. */
export function describeGatewayContract(name: string, open: () => Promise<GatewayFixture>): void {
  describe(`the delivery gateway: ${name}`, () => {
    let fixture: GatewayFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    it('delivers updates whole and in order, and resolves once they are received', async () => {
      const updates = [update(0), update(1_203), { ...update(5), vector: {} }];
      await fixture.gateway.deliver(fixture.worker, updates);
      expect(fixture.received).toEqual(updates);
    });

    it('delivers the largest delivery', async () => {
      const updates = Array.from({ length: 1_000 }, (_, at) => update(at));
      await fixture.gateway.deliver(fixture.worker, updates);
      expect(fixture.received).toEqual(updates);
    });

    it('delivers each list, although the last one had the same updates but one', async () => {
      const [first, second, third] = [update(0), update(1), update(2)];
      for (const updates of [[first, second], [first, third], [first], [first, second]]) {
        await fixture.gateway.deliver(fixture.worker, updates);
      }
      expect(fixture.received).toEqual([first, second, first, third, first, first, second]);
    });

    it('delivers several deliveries at once', async () => {
      const updates = Array.from({ length: 20 }, (_, at) => update(at));
      await Promise.all(updates.map((one) => fixture.gateway.deliver(fixture.worker, [one])));
      expect(new Set(fixture.received.map(({ channel }) => channel))).toEqual(
        new Set(updates.map(({ channel }) => channel)),
      );
    });

    it('rejects with `not_found` if another worker answers, which gets nothing', async () => {
      const before = { ...fixture.worker, id: freshId('worker') };
      const delivered = fixture.gateway.deliver(before, [update(1)]);
      await expect(delivered).rejects.toMatchObject({ code: 'not_found' });
      expect(fixture.received).toEqual([]);
    });

    it('rejects with `peer_unavailable` when the worker cannot be reached', async () => {
      const outcomes = [...fixture.unreachable].map(async ([wrong, worker]) => {
        const outcome = fixture.gateway.deliver(worker, [update(1)]);
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
