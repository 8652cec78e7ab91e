import type { Source } from '../../dispatchers/source';
import type { Log } from '../../producers/log';
import type { Notes } from './notes';
import type { Time } from './time';

/** A log, and a consumer group that has no members and no positions yet. */
export interface LogPart {
  readonly log: Log;
  readonly topic: string;
  readonly partitions: number;
  /** One more member of the group; `fatal` is called when it cannot go on. */
  readonly join: (fatal?: (error: Error) => void) => Source;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** The part under test, and how a member joins its group. */
export type Use = () => LogPart & { member(): Promise<{ source: Source; notes: Notes }> };

/** Entries of one key and partition. */
export function entries(key: string, partition: number, values: readonly string[]) {
  return values.map((value) => ({ key, partition, value }));
}
