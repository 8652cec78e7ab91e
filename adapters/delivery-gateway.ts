import type { Update, Worker } from '../schemas/delivery';

/** The way to a frontend. */
export interface DeliveryGateway {
  /**
   * Hands updates to a worker; resolves once it has them. Rejects with `not_found` when another
   * worker, or none, is there now, and with `peer_unavailable` when it cannot be reached.
   */
  deliver(worker: Worker, updates: readonly Update[]): Promise<void>;
}
