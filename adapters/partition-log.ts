import type { LogEntry } from './event-log';

/** An entry with the partition of its channel. */
export interface PartitionEntry extends LogEntry {
  readonly partition: number;
}

/** The log of a server: the caller names the server's topic, and each entry's partition. */
export interface PartitionLog {
  /** As `Log.append`. */
  append(topic: string, entries: readonly PartitionEntry[]): Promise<readonly number[]>;
}
