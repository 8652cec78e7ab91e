import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbDatabase } from '../../adapters/embedded/lmdb-database';
import { systemClock } from '../../runtime/clock';
import { Seeded } from '../simulation/seeded';
import { SimulatedDatabase } from '../simulation/simulated-database';
import { VirtualClock } from '../simulation/virtual-clock';
import { describeDatabaseContract } from './database.contract';
import { realTime, virtualTime } from './time';

describeDatabaseContract('LMDB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-db-'));
  let database = new LmdbDatabase(join(folder, 'db'), systemClock);
  return {
    database,
    time: realTime,
    async reopen() {
      await database.close();
      database = new LmdbDatabase(join(folder, 'db'), systemClock);
      return database;
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describeDatabaseContract('simulated', async () => {
  const clock = new VirtualClock();
  const database = new SimulatedDatabase(clock, new Seeded(1));
  return {
    database,
    time: virtualTime(clock),
    reopen: async () => database,
    close: () => database.close(),
  };
});

describe('LmdbDatabase', () => {
  it('completes waiting writes when it is closed, and refuses later ones', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'likestream-db-'));
    const database = new LmdbDatabase(join(folder, 'db'), systemClock);
    const write = database.write([{ key: 'a', value: 1 }]);
    await database.close();
    await expect(write).resolves.toBeUndefined();
    await expect(database.write([{ key: 'b', value: 1 }])).rejects.toThrow('closed');
    await database.close();
    rmSync(folder, { recursive: true });
  });
});
