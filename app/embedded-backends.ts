import { EmbeddedDirectory } from '../adapters/embedded/directory';
import { FileLog } from '../adapters/embedded/file-log/file-log';
import { DiskFolder } from '../adapters/embedded/file-log/log-folder';
import { databaseIn, logIn, requireFormat, writeFormat } from '../adapters/embedded/format';
import { EmbeddedGroup } from '../adapters/embedded/group';
import { EmbeddedLeases } from '../adapters/embedded/leases';
import { LmdbDatabase } from '../adapters/embedded/lmdb-database';
import { lockFolder } from '../adapters/embedded/lock';
import { EmbeddedSource } from '../adapters/embedded/log-source';
import { readUnflushedRows } from '../adapters/embedded/row-recovery';
import { EmbeddedRowStore } from '../adapters/embedded/row-store';
import { EmbeddedCache } from '../adapters/embedded/state-cache';
import { EmbeddedStates } from '../adapters/embedded/state-store';
import { WriteBehindRows } from '../adapters/embedded/write-behind-rows';
import { EMBEDDED_GENERATION, GenerationLog } from '../adapters/shared/generation-log';
import { LiveWorkers } from '../dispatchers/workers/live-workers';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import type { EventType } from '../schemas/event-type';
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
  const log = new FileLog(new DiskFolder(logIn(folder)), clock);
  const ownLog = new GenerationLog(log, EMBEDDED_GENERATION, EMBEDDED_NAMES);
  const origin = originOf(DATACENTER, LOG_GENERATION);
  const cache = new EmbeddedCache(types);
  const [directory, leases] = [new EmbeddedDirectory(cache), new EmbeddedLeases()];
  const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  workers.start();
  const memberId = systemEntropy.secretId();
  const topicOf = ({ name }: EventType) => EMBEDDED_NAMES.topic(name, EMBEDDED_GENERATION.number);
  const rows = new Map(
    types.all.map((type) => {
      const ofType = new WriteBehindRows(new EmbeddedRowStore(database, type, origin), origin);
      readUnflushedRows(
        { type, topic: topicOf(type), partitions: PARTITIONS, log, database },
        ofType,
      );
      return [type.name, ofType] as const;
    }),
  );
  const rowsOf = ({ name }: EventType): WriteBehindRows => rows.get(name) as WriteBehindRows;
  return {
    log: ownLog,
    intake: ownLog,
    rowsOf,
    sourceOf(type) {
      const group = new EmbeddedGroup(clock, PARTITIONS);
      const beforeCommit = () => rowsOf(type).flush();
      const topic = topicOf(type);
      return new EmbeddedSource({
        ...{ memberId, topic, log, database, group, clock, fatal, beforeCommit },
      });
    },
    states: new EmbeddedStates(database),
    ...{ directory, leases, workers, cache },
    async close() {
      workers.close();
      await log.close();
      await Promise.all([...rows.values()].map((each) => each.flush()));
      await database.close();
      unlock();
    },
  };
}
