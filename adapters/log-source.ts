import type { PeerUpdate } from '../schemas/peer-update';
import type { Assignment, Position } from '../schemas/position';
import type { AnyRecord } from '../schemas/record';

/** One record of the log. */
export interface LogRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** What `value` has, parsed, if the log knows it; it never changes. */
  readonly parsed?: AnyRecord | undefined;
  /** When the log appended it, by the log's own clock, ms since the epoch. That clock may step. */
  readonly appendedAt: number;
}

/** Decides whether positions in the topics of peers may be committed. */
export interface CancelGate {
  /**
   * Whether entries of peers' updates wait in memory to be cancelled, or the partition is not
   * owned. Then no such position may be committed: a successor finds these entries only there.
   */
  isCancelPending(partition: number): boolean;
}

/** The owner of partitions: it receives their assignments, their records and their revocations. */
export interface LogConsumer extends CancelGate {
  /** The partition belongs to this owner from now on. */
  assigned(partition: number, assignment: Assignment): void;
  /**
   * Consumes records of one partition, in order; the source delivers the next ones after this has
   * resolved. After a rejection it delivers them again. After a final error the process ends.
   */
  records(partition: number, records: readonly LogRecord[]): Promise<void>;
  /**
   * Applies updates of other datacenters to one partition's channels, in order; some are
   * repetitions. After a rejection the source delivers them again.
   */
  applyPeerUpdates(partition: number, updates: readonly PeerUpdate[]): Promise<void>;
  /** The partition no longer belongs to this owner; another member may own it already. */
  revoked(partition: number): Promise<void>;
}

/** The log of one event type, as a member of its consumer group sees it. */
export interface LogSource {
  /** Joins the group, and delivers records to `owner` until `stop`. */
  start(owner: LogConsumer): Promise<void>;
  /** Commits how far a partition is done. Rejects if this member no longer owns it. */
  commit(partition: number, position: Position): Promise<void>;
  /**
   * Resolves with the current offset after the last record of a partition. Rejects with
   * `log_mismatch` if it is below `known`: the log has lost records that were counted.
   */
  verifyEnd(partition: number, known: number): Promise<number>;
  /** Releases all partitions and leaves the group. */
  stop(): Promise<void>;
}
