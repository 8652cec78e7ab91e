import type { LogEntry } from './event-log';

/** An entry with the partition of its channel. */
export interface PartitionEntry extends LogEntry {
  readonly partition: number;
}

/** The log of a server: the caller names the topic as the server does, and the partitions. */
export interface PartitionLog {
  /** As `EventLog.append`. */
  append(topic: string, entries: readonly PartitionEntry[]): Promise<readonly number[]>;
}
