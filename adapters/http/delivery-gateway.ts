import { z } from 'zod';
import type { ServiceClient } from '../../runtime/service-client';
import type { Update, Worker } from '../../schemas/delivery';
import { SharedUpdate } from '../../schemas/shared-update';
import type { DeliveryGateway } from '../delivery-gateway';

const received = z.object({});

/** Delivers updates to frontends in other processes, by POST requests. */
export class HttpGateway implements DeliveryGateway {
  constructor(private readonly client: Pick<ServiceClient, 'postJson'>) {}

  async deliver(worker: Worker, updates: readonly Update[]): Promise<void> {
    await this.client.postJson(`${worker.url}/deliveries`, deliveryJson(worker, updates), received);
  }
}

/** A `Delivery` as JSON. The updates are encoded once for all workers. */
function deliveryJson({ id }: Worker, updates: readonly Update[]): string {
  const all = updates.map((update) => SharedUpdate.of(update).json).join();
  return `{"to":${JSON.stringify(id)},"updates":[${all}]}`;
}
