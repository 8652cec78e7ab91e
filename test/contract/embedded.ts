import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../adapters/embedded/database';
import { LmdbDatabase } from '../../adapters/embedded/lmdb-database';
import { Seeded } from '../simulation/seeded';
import { SimulatedDatabase } from '../simulation/simulated-database';
import { VirtualClock } from '../simulation/virtual-clock';
import { type Time, virtualTime } from './time';

/** A database for embedded adapters, on a clock that advances only while a test waits. */
export interface EmbeddedFixture {
  readonly clock: VirtualClock;
  readonly time: Time;
  readonly database: Database;
  readonly close: () => Promise<void>;
}

/** On the machine's disk. */
export function openLmdb(): EmbeddedFixture {
  const clock = new VirtualClock();
  const folder = mkdtempSync(join(tmpdir(), 'likestream-'));
  const database = new LmdbDatabase(join(folder, 'db'), clock);
  return {
    clock,
    time: virtualTime(clock),
    database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** On a simulated disk, which shows a write only once it is synced. */
export function openSimulatedDisk(): EmbeddedFixture & { readonly database: SimulatedDatabase } {
  const clock = new VirtualClock();
  const database = new SimulatedDatabase(clock, new Seeded(1));
  return { clock, time: virtualTime(clock), database, close: () => database.close() };
}
