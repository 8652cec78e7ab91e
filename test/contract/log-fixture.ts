import type { LogSource } from '../../adapters/log-source';
import type { PartitionLog } from '../../adapters/partition-log';
import type { RecordingConsumer } from './recording-consumer';
import type { Time } from './time';

/** A log, and a new consumer group without members and positions. */
export interface LogFixture {
  readonly log: PartitionLog;
  readonly topic: string;
  readonly partitions: number;
  /** Adds a member to the group; it calls `fatal` when it must end. */
  readonly join: (fatal?: (error: Error) => void) => LogSource;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** The log under test, and the function that adds a member to its group. */
export type Use = () => LogFixture & {
  member(): Promise<{ source: LogSource; consumer: RecordingConsumer }>;
};

/** Entries of one key and partition. */
export function entries(key: string, partition: number, values: readonly string[]) {
  return values.map((value) => ({ key, partition, value }));
}
