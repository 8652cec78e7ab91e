import type { Change, Database, Json, Range } from '../../adapters/embedded/database';
import type { SimulatedDatabase } from './simulated-database';
import type { StoreLink } from './store-link';

/** One datacenter's replica of the store that spans all: a write reaches the others later. */
export class StoreReplica implements Database {
  private readonly links: StoreLink[] = [];

  constructor(readonly database: SimulatedDatabase) {}

  /** Sends later writes to another replica, too. */
  addLink(link: StoreLink): void {
    this.links.push(link);
  }

  get(key: string): Json | undefined {
    return this.database.get(key);
  }

  range(range: Range): Iterable<{ key: string; value: Json }> {
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
