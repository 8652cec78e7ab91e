import { EmbeddedContributions } from '../adapters/embedded/contributions';
import { EmbeddedCooldowns } from '../adapters/embedded/cooldowns';
import { EmbeddedDirectory } from '../adapters/embedded/directory';
import { EmbeddedFacts } from '../adapters/embedded/fact-store';
import { FileLog } from '../adapters/embedded/file-log/file-log';
import { DiskFolder } from '../adapters/embedded/file-log/log-folder';
import { databaseIn, logIn, requireFormat, writeFormat } from '../adapters/embedded/format';
import { EmbeddedHistory } from '../adapters/embedded/history';
import { EmbeddedLeases } from '../adapters/embedded/leases';
import { LmdbDatabase } from '../adapters/embedded/lmdb-database';
import { lockFolder } from '../adapters/embedded/lock';
import { EmbeddedMoments } from '../adapters/embedded/moments';
import { EmbeddedRateLevels } from '../adapters/embedded/rate-levels';
import { EmbeddedCache } from '../adapters/embedded/state-cache';
import { EmbeddedStates } from '../adapters/embedded/state-store';
import { EMBEDDED_GENERATION, GenerationLog } from '../adapters/shared/generation-log';
import { LiveWorkers } from '../dispatchers/workers/live-workers';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { leasedOriginOf, originOf } from '../schemas/origins';
import type { Backends } from './backends';
import { EMBEDDED_NAMES, EmbeddedStores } from './embedded-stores';
import type { ProcessContext } from './process-context';

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
  const log = new FileLog(new DiskFolder(logIn(folder)), clock);
  const ownLog = new GenerationLog(log, EMBEDDED_GENERATION, EMBEDDED_NAMES);
  const origin = originOf(DATACENTER, LOG_GENERATION);
  const cache = new EmbeddedCache(types);
  const [directory, leases] = [new EmbeddedDirectory(cache), new EmbeddedLeases()];
  const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  workers.start();
  const memberId = systemEntropy.secretId();
  const stores = new EmbeddedStores({ types, origin, log, database, clock, memberId, fatal });
  return {
    log: ownLog,
    intake: ownLog,
    rowsOf: (type) => stores.rowsOf(type),
    historyOf: ({ name }) => new EmbeddedHistory(database, name),
    sourceOf: (type) => stores.sourceOf(type),
    moments: new EmbeddedMoments({ datacenter: DATACENTER, clock, failed }),
    states: new EmbeddedStates(database),
    facts: new EmbeddedFacts(database),
    cooldowns: new EmbeddedCooldowns(clock),
    rateLevels: new EmbeddedRateLevels(clock),
    ...{ directory, leases, workers, cache },
    contributions: new EmbeddedContributions({
      ...{ cache, holdings: directory.holdings, origin: leasedOriginOf(DATACENTER) },
      newLife: () => systemEntropy.secretId(),
    }),
    async close() {
      workers.close();
      await log.close();
      await stores.flush();
      await database.close();
      unlock();
    },
  };
}
