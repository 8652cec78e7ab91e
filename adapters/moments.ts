import type { Moment, Sending } from '../schemas/moment';

export type { Moment } from '../schemas/moment';

/** A moment as a dispatcher receives it. */
export interface ReceivedMoment extends Moment {
  /** The datacenter that has sent it. */
  readonly datacenter: string;
  /** The position in its log; later moments of a channel have greater numbers. */
  readonly offset: number;
  /** When the log appended it, ms since the epoch; that clock may step. */
  readonly appendedAt: number;
  readonly sending: Sending;
}

/** A heartbeat of a datacenter. Each of its dispatchers sends one to each partition of the log. */
export interface Heartbeat {
  /** The partition, of those of `partitionOf`. */
  readonly partition: number;
  /** Its position in this partition. */
  readonly offset: number;
  /** The position after the last record of the partition. */
  readonly end: number;
  /** Whether its process has repeated all values lately that it had to repeat. */
  readonly repeatsAll: boolean;
}

/** Receives each moment at one dispatcher of the datacenter; once, except after failures. */
export interface MomentReceiver {
  /** Moments in the order of each channel. The next ones come once this has resolved. */
  moments(received: readonly ReceivedMoment[]): Promise<void>;
  /** Called after heartbeats of another datacenter: the last one, true only if all repeat all. */
  heartbeat(datacenter: string, heartbeat: Heartbeat): Promise<void>;
  /** Whether this process has repeated all values lately: its heartbeats have that. */
  readonly repeatsAll: boolean;
}

/**
 * The log of moments of this datacenter and of its peers. It is read from its end, and never again:
 * what was lost is repeated, or is no longer wanted.
 */
export interface Moments {
  /**
   * Appends moments; each channel's keep their order. Rejects with `log_refused` if none of them is
   * or will be in the log, and with `log_unavailable` if some may be.
   */
  send(moments: readonly Moment[]): Promise<void>;
  /** Begins to receive, and sends heartbeats to other datacenters, until `stop`. */
  start(receiver: MomentReceiver): Promise<void>;
  stop(): Promise<void>;
}
