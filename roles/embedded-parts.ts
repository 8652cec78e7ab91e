import { join } from 'node:path';
import { EmbeddedCache } from '../dispatchers/embedded-cache';
import { EmbeddedDirectory } from '../dispatchers/embedded-directory';
import { EmbeddedGroup } from '../dispatchers/embedded-group';
import { EmbeddedSource } from '../dispatchers/embedded-source';
import { EmbeddedStates } from '../dispatchers/embedded-states';
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

/** Everything in one database in `folder`, which is this process's alone. */
export function openEmbeddedParts(folder: string, fatal: (error: Error) => void): Parts {
  const unlock = lockFolder(folder);
  const database = new LmdbDatabase(join(folder, 'db'), clock);
  const log = new EmbeddedLog(database, clock);
  const ownLog = new GenerationLog(log, EMBEDDED_GENERATION);
  const group = new EmbeddedGroup(clock, PARTITIONS);
  const cache = new EmbeddedCache();
  const memberId = systemEntropy.secretId();
  return {
    log: ownLog,
    intake: ownLog,
    likes: new EmbeddedLikeStore(database),
    states: new EmbeddedStates(database),
    directory: new EmbeddedDirectory(clock, cache),
    cache,
    source: new EmbeddedSource({
      ...{ memberId, topic: likes.topic, log, database, group, clock, fatal },
    }),
    async close() {
      await database.close();
      unlock();
    },
  };
}
