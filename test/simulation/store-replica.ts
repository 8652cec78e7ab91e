import type { Change, Database, Range, Value } from '../../adapters/embedded/database';
import type { SimulatedDatabase } from './simulated-database';

/** What carries the writes of one replica to another one. */
export interface WriteLink {
  carry(changes: readonly Change[]): void;
}

/** One datacenter's replica of the shared store: a write reaches the other replicas later. */
export class StoreReplica implements Database {
  private readonly links: WriteLink[] = [];

  constructor(readonly database: SimulatedDatabase) {}

  /** Sends later writes to another replica, too. */
  addLink(link: WriteLink): void {
    this.links.push(link);
  }

  get(key: string): Value | undefined {
    return this.database.get(key);
  }

  range(range: Range): Iterable<{ key: string; value: Value }> {
    return this.database.range(range);
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.database.write(changes);
    for (const link of this.links) link.carry(changes);
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
