import type { FactList } from '../schemas/facts';

/** Reads the facts that operators set. */
export interface FactReader {
  /**
   * Resolves with all facts that hold; with undefined if the list still has the version `seen`.
   * Rejects with `store_unavailable` or `peer_unavailable`.
   */
  read(seen?: string): Promise<FactList | undefined>;
}

/** The facts that operators set, stored for all nodes of all datacenters. */
export interface FactStore extends FactReader {
  /** Resolves once the fact is stored. Rejects with `store_unavailable` or `too_many_facts`. */
  set(name: string, holds: boolean): Promise<void>;
}
