import type { Directory } from '../adapters/directory';
import type { EventLog } from '../adapters/event-log';
import type { Leases } from '../adapters/leases';
import type { LogSource } from '../adapters/log-source';
import type { RowStore } from '../adapters/row-store';
import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { LiveWorkers } from '../dispatchers/workers/live-workers';

/** What a process works on: all embedded, or all real. */
export interface Backends {
  readonly log: EventLog;
  /** The log as producers see it: it refuses likes while it is being drained. */
  readonly intake: EventLog;
  readonly rows: RowStore;
  readonly states: StateStore;
  readonly directory: Directory;
  readonly leases: Leases;
  /** The live workers and dispatchers, as this process judges. */
  readonly workers: LiveWorkers;
  readonly cache: StateCache;
  /** Calls the listener each time the cache may have lost states, or may have gone back in time. */
  readonly onCacheReady?: (listener: () => void) => void;
  /** A member of the consumer group. */
  readonly source: LogSource;
  /** Records of this member's partitions that it has not read yet; unknown in embedded mode. */
  readonly lag?: () => number;
  close(): Promise<void>;
}
