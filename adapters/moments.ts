/** A moment, or a value of a leased feed for other datacenters. */
export interface Moment {
  readonly channel: string;
  /** The name of its event type. */
  readonly type: string;
  /** The member who sent it; absent in a value of a leased feed. */
  readonly memberId?: string | undefined;
  /** The body, or the joined value of the datacenter's own workers; absent if there is none. */
  readonly value?: unknown;
  /** Of a leased feed, the version and the life of its state (`Contributed`). */
  readonly version?: number | undefined;
  readonly life?: string | undefined;
}

/** A moment as a dispatcher receives it. */
export interface ReceivedMoment extends Moment {
  /** The datacenter that has sent it. */
  readonly datacenter: string;
  /** The position in its log, for which later moments of a channel have greater numbers. */
  readonly offset: number;
  /** When the log appended it, ms since the epoch; that clock may step. */
  readonly appendedAt: number;
}

/** Receives each moment at one dispatcher of the datacenter; once, except after failures. */
export interface MomentReceiver {
  moments(received: readonly ReceivedMoment[]): Promise<void>;
  /** Called at each heartbeat of another datacenter. `beat` grows with each one. */
  heartbeat(datacenter: string, beat: number): Promise<void>;
}

/**
 * The log of moments of this datacenter and of its peers. It is read from its end, and never again:
 * what was lost is repeated, or is no longer wanted.
 */
export interface Moments {
  /** Appends moments; each channel's keep their order. Rejects with `log_unavailable`. */
  send(moments: readonly Moment[]): Promise<void>;
  /** Begins to receive, and sends heartbeats to other datacenters, until `stop`. */
  start(receiver: MomentReceiver): Promise<void>;
  stop(): Promise<void>;
}
