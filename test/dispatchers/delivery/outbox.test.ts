import type { DeliveryGateway } from '../../../adapters/delivery-gateway';
import { GIVE_UP_MS, Outboxes } from '../../../dispatchers/delivery/outbox';
import { MAX_MESSAGE_BYTES, type Update, type Worker } from '../../../schemas/delivery';
import { LikestreamError } from '../../../schemas/errors';
import { SharedUpdate } from '../../../schemas/shared-update';
import { type Deferred, deferred, settled } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';
import { counted, types } from '../parts';

const ANN: Worker = { id: 'ann', url: '' };
const BOB: Worker = { id: 'bob', url: '' };

function update(channel: string, version: number, t = version): SharedUpdate {
  const vector = { 'dc1.1': counted(version, { like: version }) };
  return new SharedUpdate({ channel, type: 'likes', t, vector });
}

/** A gateway whose deliveries the test ends. */
class HeldGateway implements DeliveryGateway {
  readonly deliveries: (Deferred<void> & { worker: Worker; updates: readonly Update[] })[] = [];

  deliver(worker: Worker, updates: readonly Update[]): Promise<void> {
    const delivery = { ...deferred(), worker, updates };
    this.deliveries.push(delivery);
    return delivery.promise;
  }

  async answer(index: number, code?: 'not_found' | 'peer_unavailable'): Promise<void> {
    if (code) this.deliveries[index]?.reject(new LikestreamError(code));
    else this.deliveries[index]?.resolve();
    await settled();
  }

  get updates(): (readonly Update[])[] {
    return this.deliveries.map(({ updates }) => updates);
  }
}

function outboxes() {
  const clock = new VirtualClock();
  const gateway = new HeldGateway();
  const failures: string[] = [];
  const boxes = new Outboxes({ types, gateway, clock, failed: (doing) => failures.push(doing) });
  return { boxes, clock, failures, gateway };
}

describe('Outboxes', () => {
  it('delivers at once', () => {
    const { boxes, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1), update('video:2', 1)]);
    expect(gateway.updates).toEqual([[update('video:1', 1), update('video:2', 1)]]);
  });

  it('has one delivery to a worker in flight, and merges later updates', async () => {
    const { boxes, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    boxes.add(ANN, [update('video:1', 3, 30)]);
    boxes.add(ANN, [update('video:1', 2, 20), update('video:2', 9)]);
    await settled();
    expect(gateway.deliveries).toHaveLength(1);
    await gateway.answer(0);
    expect(gateway.updates[1]).toEqual([update('video:1', 3, 20), update('video:2', 9)]);
    await gateway.answer(1);
    expect(gateway.deliveries).toHaveLength(2);
  });

  it('delivers to each worker independently', async () => {
    const { boxes, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    boxes.add(BOB, [update('video:1', 1)]);
    expect(gateway.deliveries.map(({ worker }) => worker.id)).toEqual(['ann', 'bob']);
  });
});

describe('a delivery that fails', () => {
  it('is repeated, merged with updates that arrived since', async () => {
    const { boxes, clock, failures, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1), update('video:2', 1)]);
    boxes.add(ANN, [update('video:1', 2)]);
    await gateway.answer(0, 'peer_unavailable');
    boxes.add(ANN, [update('video:3', 1)]);
    expect(gateway.deliveries).toHaveLength(1);
    await clock.advance(1_000);
    expect(failures).toEqual(['deliver']);
    const again = [...(gateway.updates[1] ?? [])].sort((a, b) => (a.channel < b.channel ? -1 : 1));
    expect(again).toEqual([update('video:1', 2, 1), update('video:2', 1), update('video:3', 1)]);
  });

  it('is repeated with growing pauses, until `GIVE_UP_MS`', async () => {
    const { boxes, clock, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    for (let at = 0; at < 100; at++) {
      await gateway.answer(gateway.deliveries.length - 1, 'peer_unavailable');
      await clock.advance(100);
    }
    const tries = gateway.deliveries.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    await clock.advance(10 * GIVE_UP_MS);
    expect(gateway.deliveries).toHaveLength(tries);
  });

  it('does not prevent a delivery of a new update after it was given up', async () => {
    const { boxes, clock, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    for (let at = 0; at < 100; at++) {
      await gateway.answer(gateway.deliveries.length - 1, 'peer_unavailable');
      await clock.advance(100);
    }
    const tries = gateway.deliveries.length;
    boxes.add(ANN, [update('video:1', 2)]);
    expect(gateway.updates[tries]).toEqual([update('video:1', 2)]);
  });

  it('is not repeated if the worker is another one now', async () => {
    const { boxes, clock, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    boxes.add(ANN, [update('video:2', 1)]);
    await gateway.answer(0, 'not_found');
    await clock.advance(10_000);
    expect(gateway.deliveries).toHaveLength(1);
  });

  it('does not shorten the retries of a failure after a success', async () => {
    const { boxes, clock, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    await gateway.answer(0, 'peer_unavailable');
    await clock.advance(GIVE_UP_MS - 1_000);
    await gateway.answer(1);
    await clock.advance(GIVE_UP_MS);
    boxes.add(ANN, [update('video:1', 2)]);
    await gateway.answer(2, 'peer_unavailable');
    await clock.advance(1_000);
    expect(gateway.updates[3]).toEqual([update('video:1', 2)]);
  });
});

describe('an outbox', () => {
  it('delivers many channels in several parts', async () => {
    const { boxes, gateway } = outboxes();
    boxes.add(
      ANN,
      Array.from({ length: 2_500 }, (_, at) => update(`video:${at}`, 1)),
    );
    for (let at = 0; at < gateway.deliveries.length; at++) await gateway.answer(at);
    expect(gateway.updates.flat()).toHaveLength(2_500);
    expect(Math.max(...gateway.updates.map((updates) => updates.length))).toBeLessThan(2_500);
  });

  it('delivers at most 1 MB at a time, and a larger update alone', async () => {
    const { boxes, gateway } = outboxes();
    const large = (channel: string, count: number): SharedUpdate => {
      const counts = Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, at]));
      const vector = { 'dc1.1': counted(1, counts) };
      return new SharedUpdate({ channel, type: 'likes', t: 0, vector });
    };
    const all = Array.from({ length: 50 }, (_, at) => large(`video:${at}`, 5_000));
    boxes.add(ANN, [large('video:huge', 150_000), ...all]);
    for (let at = 0; at < gateway.deliveries.length; at++) await gateway.answer(at);
    const [huge, ...others] = gateway.updates;
    expect(huge?.map(({ channel }) => channel)).toEqual(['video:huge']);
    expect(others.flat()).toEqual(all);
    for (const updates of others) {
      const bytes = JSON.stringify({ to: ANN.id, updates }).length;
      expect(bytes).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    }
  });

  it('does nothing after it was closed, a delivery in flight that fails included', async () => {
    const { boxes, clock, gateway } = outboxes();
    boxes.add(ANN, [update('video:1', 1)]);
    boxes.close();
    await gateway.answer(0, 'peer_unavailable');
    await clock.advance(10_000);
    expect(gateway.deliveries).toHaveLength(1);
  });
});
