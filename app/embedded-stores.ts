import type { Database } from '../adapters/embedded/database';
import { EmbeddedGroup } from '../adapters/embedded/group';
import { EmbeddedSource } from '../adapters/embedded/log-source';
import type { ReadableLog } from '../adapters/embedded/readable-log';
import { readUnflushedRows } from '../adapters/embedded/row-recovery';
import { EmbeddedRowStore } from '../adapters/embedded/row-store';
import { WriteBehindRows } from '../adapters/embedded/write-behind-rows';
import type { LogSource } from '../adapters/log-source';
import type { RowStore } from '../adapters/row-store';
import { EMBEDDED_GENERATION } from '../adapters/shared/generation-log';
import { NoRows } from '../adapters/shared/no-rows';
import type { Clock } from '../runtime/clock';
import type { LoggedType } from '../schemas/event-type';
import type { EventTypes } from '../schemas/event-types';
import { Names } from '../schemas/names';
import { PARTITIONS } from '../schemas/partitions';

/** A folder has one installation: with another NAMESPACE, its logs must still be found. */
export const EMBEDDED_NAMES = new Names();

export interface EmbeddedStoresOptions {
  readonly types: EventTypes;
  /** The origin of the log, as in `dc1.1`. */
  readonly origin: string;
  readonly log: ReadableLog;
  readonly database: Database;
  readonly clock: Clock;
  /** The name of this process in the consumer groups. */
  readonly memberId: string;
  /** Called if the log has lost counted records: the process must end. */
  readonly fatal?: ((error: Error) => void) | undefined;
}

/** The rows and the log sources of all event types, in one folder. */
export class EmbeddedStores {
  /** By type with rows. */
  private readonly rows = new Map<string, WriteBehindRows>();
  private readonly none = new NoRows();

  /** Reads the rows from the log that a crash has lost. */
  constructor(private readonly options: EmbeddedStoresOptions) {
    const { database, log, origin, types } = options;
    for (const type of types.logged) {
      if (type.rows === 'none') continue;
      const rows = new WriteBehindRows(new EmbeddedRowStore(database, type, origin), origin);
      const topic = topicOf(type);
      readUnflushedRows({ type, topic, partitions: PARTITIONS, log, database }, rows);
      this.rows.set(type.name, rows);
    }
  }

  /** The rows of a type. Throws an Error if the type is not one of the options. */
  rowsOf({ name, rows: kind }: Pick<LoggedType, 'name' | 'rows'>): RowStore {
    if (kind === 'none') return this.none;
    const rows = this.rows.get(name);
    if (!rows) throw new Error(`there is no event type ${name}`);
    return rows;
  }

  /** A member of the consumer group of a type. */
  sourceOf(type: LoggedType): LogSource {
    const { clock, database, fatal, log, memberId } = this.options;
    return new EmbeddedSource({
      ...{ clock, database, fatal, log, memberId },
      topic: topicOf(type),
      group: new EmbeddedGroup(clock, PARTITIONS),
      beforeCommit: async () => this.rows.get(type.name)?.flush(),
    });
  }

  /** Writes all rows that wait in memory. */
  async flush(): Promise<void> {
    await Promise.all([...this.rows.values()].map((rows) => rows.flush()));
  }
}

function topicOf({ name }: Pick<LoggedType, 'name'>): string {
  return EMBEDDED_NAMES.topic(name, EMBEDDED_GENERATION.number);
}
