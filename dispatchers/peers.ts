import type { Update } from '../schemas/delivery';

/** What other datacenters tell of their channels. */
export interface Peers {
  /**
   * Hands what comes to `take`, each record to one member of this datacenter, some of it again after
   * a restart, until `stop`.
   */
  start(take: (updates: readonly Update[]) => void): Promise<void>;
  stop(): Promise<void>;
}
