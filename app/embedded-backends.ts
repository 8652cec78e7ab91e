import { EmbeddedDirectory } from '../adapters/embedded/directory';
import { EmbeddedLog } from '../adapters/embedded/event-log';
import { databaseIn, requireFormat, writeFormat } from '../adapters/embedded/format';
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
import { Names } from '../schemas/names';
import { originOf } from '../schemas/origins';
import { PARTITIONS } from '../schemas/partitions';
import type { Backends } from './backends';
import type { ProcessContext } from './process-context';

/** A folder has one installation: with another NAMESPACE, its logs must still be found. */
const EMBEDDED_NAMES = new Names();

type Context = Pick<ProcessContext, 'failed' | 'fatal' | 'settings' | 'types'>;

/**
 * Back ends in one database in `DATA_DIR`, which this process locks. Throws an Error of one line if
 * the folder is locked already, or has data of another format; then nothing in it is changed.
 */
export function openEmbeddedBackends({ failed, fatal, settings, types }: Context): Backends {
  const { DATA_DIR: folder, DATACENTER, LOG_GENERATION } = settings;
  requireFormat(folder);
  const unlock = lockFolder(folder);
  writeFormat(folder);
  const database = new LmdbDatabase(databaseIn(folder), clock);
  const log = new EmbeddedLog(database, clock);
  const ownLog = new GenerationLog(log, EMBEDDED_GENERATION, EMBEDDED_NAMES);
  const origin = originOf(DATACENTER, LOG_GENERATION);
  const cache = new EmbeddedCache(types);
  const [directory, leases] = [new EmbeddedDirectory(cache), new EmbeddedLeases()];
  const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  workers.start();
  const memberId = systemEntropy.secretId();
  return {
    log: ownLog,
    intake: ownLog,
    rowsOf: (type) => new EmbeddedRowStore(database, type, origin),
    sourceOf(type) {
      const topic = EMBEDDED_NAMES.topic(type.name, EMBEDDED_GENERATION.number);
      const group = new EmbeddedGroup(clock, PARTITIONS);
      return new EmbeddedSource({ memberId, topic, log, database, group, clock, fatal });
    },
    states: new EmbeddedStates(database),
    ...{ directory, leases, workers, cache },
    async close() {
      workers.close();
      await database.close();
      unlock();
    },
  };
}
