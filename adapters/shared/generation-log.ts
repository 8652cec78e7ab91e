import type { Names } from '../../schemas/names';
import { PARTITIONS, partitionOf } from '../../schemas/partitions';
import type { EventLog, LogEntry } from '../event-log';
import type { PartitionLog } from '../partition-log';

/** A generation of a datacenter's log. */
export interface Generation {
  /** `LOG_GENERATION`: which one. */
  readonly number: number;
  /** The partitions of each of its topics. */
  readonly partitions: number;
}

/** The only generation of an embedded log. */
export const EMBEDDED_GENERATION: Generation = { number: 1, partitions: PARTITIONS };

/** One generation of all logs: appends to their topics, each entry to its channel's partition. */
export class GenerationLog implements EventLog {
  constructor(
    private readonly log: PartitionLog,
    private readonly generation: Generation,
    private readonly names: Pick<Names, 'topic'>,
  ) {}

  readonly append = (log: string, entries: readonly LogEntry[]): Promise<readonly number[]> => {
    const { number, partitions } = this.generation;
    // Named fields, because a spread costs several times as much.
    const placed = entries.map(({ key, parsed, value }) => {
      return { key, value, parsed, partition: partitionOf(key, partitions) };
    });
    return this.log.append(this.names.topic(log, number), placed);
  };
}
