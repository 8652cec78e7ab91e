import { PARTITIONS, partitionOf, topicOf } from '../../schemas/partitions';
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

/** One generation of a log: appends to its topics, each entry to its channel's partition. */
export class GenerationLog implements EventLog {
  constructor(
    private readonly log: PartitionLog,
    private readonly generation: Generation,
  ) {}

  readonly append = (topic: string, entries: readonly LogEntry[]): Promise<readonly number[]> => {
    const { number, partitions } = this.generation;
    return this.log.append(
      topicOf(topic, number),
      entries.map((entry) => ({ ...entry, partition: partitionOf(entry.key, partitions) })),
    );
  };
}
