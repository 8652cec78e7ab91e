import type { PeerUpdate } from '../schemas/peer-update';
import type { Assignment, Position } from '../schemas/position';

/** One record of the log. */
export interface LogRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** When the log appended it, by the log's own clock, ms since the epoch. That clock may step. */
  readonly appendedAt: number;
}

/** Whoever owns partitions: told what it has, fed, and told what it has no more. */
export interface LogConsumer {
  assigned(partition: number, assignment: Assignment): void;
  /**
   * Records of one partition, in order; the next ones come when this has resolved. After a
   * rejection they are offered again, unless it is final: then the process ends.
   */
  records(partition: number, records: readonly LogRecord[]): Promise<void>;
  /**
   * What other datacenters tell of one partition's channels, in order, some of it again; rejects for
   * it to be handed over once more.
   */
  applyPeerUpdates(partition: number, tales: readonly PeerUpdate[]): Promise<void>;
  /** Let go of the partition, in time or late: another member may own it already. */
  revoked(partition: number): Promise<void>;
}

/** The event log, as a member of the consumer group sees it. */
export interface LogSource {
  /** Joins the group and feeds `owner` until `stop`. */
  start(owner: LogConsumer): Promise<void>;
  /** Records how far a partition is done. Rejects for one that this member owns no more. */
  commit(partition: number, position: Position): Promise<void>;
  /**
   * Resolves with the offset after the last record of a partition now. Rejects with `log_mismatch`
   * if that is before `known`: the log has lost records that were counted.
   */
  verifyEnd(partition: number, known: number): Promise<number>;
  /** Lets go of all partitions and leaves the group. */
  stop(): Promise<void>;
}
