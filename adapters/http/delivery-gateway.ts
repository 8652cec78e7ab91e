import { z } from 'zod';
import type { ServiceClient } from '../../runtime/service-client';
import type { Update, Worker } from '../../schemas/delivery';
import type { DeliveryGateway } from '../delivery-gateway';

const received = z.object({});

/** Delivers updates to frontends in other processes, by POST requests. */
export class HttpGateway implements DeliveryGateway {
  constructor(private readonly client: ServiceClient) {}

  async deliver(worker: Worker, updates: readonly Update[]): Promise<void> {
    await this.client.post(`${worker.url}/deliveries`, { to: worker.id, updates }, received);
  }
}
