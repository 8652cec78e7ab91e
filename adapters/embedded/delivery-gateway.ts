import type { Update, Worker } from '../../schemas/delivery';
import type { DeliveryGateway } from '../delivery-gateway';

/** Receives deliveries, as a frontend's `Deliveries` does. */
export interface Receiver {
  receive(to: string, updates: readonly Update[]): void;
}

/** Delivers updates to the frontend of this process by a call. */
export class DirectGateway implements DeliveryGateway {
  constructor(private readonly receiver: Receiver) {}

  async deliver(worker: Worker, updates: readonly Update[]): Promise<void> {
    this.receiver.receive(worker.id, updates);
  }
}
