import type { Update, Worker } from '../schemas/delivery';

/** Delivers updates to frontends. */
export interface DeliveryGateway {
  /**
   * Delivers updates to a worker; resolves once it has received them. Rejects with `not_found` if
   * no worker or another one is at its address now, and with `peer_unavailable` if the address
   * cannot be reached.
   */
  deliver(worker: Worker, updates: readonly Update[]): Promise<void>;
}
