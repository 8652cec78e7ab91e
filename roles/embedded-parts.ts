import { join } from 'node:path';
import { EmbeddedCache } from '../dispatchers/embedded-cache';
import { EmbeddedDirectory } from '../dispatchers/embedded-directory';
import { EmbeddedGroup } from '../dispatchers/embedded-group';
import { EmbeddedLeases } from '../dispatchers/embedded-leases';
import { EmbeddedSource } from '../dispatchers/embedded-source';
import { EmbeddedStates } from '../dispatchers/embedded-states';
import { LiveWorkers } from '../dispatchers/live-workers';
import { EmbeddedLikeStore } from '../producers/embedded-like-store';
import { EmbeddedLog } from '../producers/embedded-log';
import { EMBEDDED_GENERATION, GenerationLog } from '../producers/generation-log';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { LmdbDatabase } from '../runtime/lmdb-database';
import { lockFolder } from '../runtime/lock';
import { likes } from '../schemas/likes';
import { PARTITIONS } from '../schemas/topics';
import type { Parts } from './parts';
import type { Surroundings } from './surroundings';

/** Everything in one database in `DATA_DIR`, which is this process's alone. */
export function openEmbeddedParts({ failed, fatal, settings }: Surroundings): Parts {
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
    likes: new EmbeddedLikeStore(database),
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
