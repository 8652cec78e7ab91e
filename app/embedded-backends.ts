import { join } from 'node:path';
import { EmbeddedDirectory } from '../adapters/embedded/directory';
import { EmbeddedLog } from '../adapters/embedded/event-log';
import { EmbeddedGroup } from '../adapters/embedded/group';
import { EmbeddedLeases } from '../adapters/embedded/leases';
import { LmdbDatabase } from '../adapters/embedded/lmdb-database';
import { lockFolder } from '../adapters/embedded/lock';
import { EmbeddedSource } from '../adapters/embedded/log-source';
import { EmbeddedRowStore } from '../adapters/embedded/row-store';
import { EmbeddedCache } from '../adapters/embedded/state-cache';
import { EmbeddedStates } from '../adapters/embedded/state-store';
import { EMBEDDED_GENERATION, GenerationLog } from '../adapters/shared/generation-log';
import { LiveWorkers } from '../dispatchers/workers/live-workers';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { likes } from '../schemas/likes';
import { PARTITIONS } from '../schemas/partitions';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** Back ends in one database in `DATA_DIR`, which this process locks. */
export function openEmbeddedBackends({ failed, fatal, settings }: ProcessContext): Backends {
  const { DATA_DIR: folder } = settings;
  const unlock = lockFolder(folder);
  const database = new LmdbDatabase(join(folder, 'db'), clock);
  const log = new EmbeddedLog(database, clock);
  const ownLog = new GenerationLog(log, EMBEDDED_GENERATION);
  const group = new EmbeddedGroup(clock, PARTITIONS);
  const cache = new EmbeddedCache();
  const [directory, leases] = [new EmbeddedDirectory(cache), new EmbeddedLeases()];
  const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  workers.start();
  const memberId = systemEntropy.secretId();
  return {
    log: ownLog,
    intake: ownLog,
    rows: new EmbeddedRowStore(database),
    states: new EmbeddedStates(database),
    ...{ directory, leases, workers, cache },
    source: new EmbeddedSource({
      ...{ memberId, topic: likes.topic, log, database, group, clock, fatal },
    }),
    async close() {
      workers.close();
      await database.close();
      unlock();
    },
  };
}
