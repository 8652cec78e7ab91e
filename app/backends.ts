import type { Contributions } from '../adapters/contributions';
import type { Cooldowns } from '../adapters/cooldowns';
import type { Directory } from '../adapters/directory';
import type { EventLog } from '../adapters/event-log';
import type { FactStore } from '../adapters/fact-store';
import type { History } from '../adapters/history';
import type { Leases } from '../adapters/leases';
import type { LogSource } from '../adapters/log-source';
import type { Moments } from '../adapters/moments';
import type { RateLevels } from '../adapters/rate-levels';
import type { RowStore } from '../adapters/row-store';
import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { LiveWorkers } from '../dispatchers/workers/live-workers';
import type { LoggedType } from '../schemas/event-type';

/** The logs, stores and directory of a process: all embedded, or all on servers. */
export interface Backends {
  readonly log: EventLog;
  /** The log for producers: it refuses entries while it is drained. */
  readonly intake: EventLog;
  /** The rows of an event type. */
  rowsOf(type: LoggedType): RowStore;
  /** The history of an event type with `hasHistory`. */
  historyOf(type: LoggedType): History;
  /** A member of the consumer group of an event type's log; one call for each type. */
  sourceOf(type: LoggedType): LogSource;
  /** The log of moments, and of values for other datacenters. */
  readonly moments: Moments;
  readonly states: StateStore;
  readonly facts: FactStore;
  /** Slow mode, over all processes of this datacenter. */
  readonly cooldowns: Cooldowns;
  /** What was used of limits, over all processes of this datacenter. */
  readonly rateLevels: RateLevels;
  readonly directory: Directory;
  readonly leases: Leases;
  /** What workers have of leased feeds. */
  readonly contributions: Contributions;
  /** The live workers and dispatchers, judged by this process. */
  readonly workers: LiveWorkers;
  readonly cache: StateCache;
  /** Calls the listener each time the cache may have lost states, or may hold older ones. */
  readonly onCacheReady?: (listener: () => void) => void;
  /** Unread records of this process's partitions, of all types; absent in embedded mode. */
  readonly lag?: () => number;
  close(): Promise<void>;
}
