import type { Frame } from '../schemas/frame';

/**
 * A viewer's connection: a positive 32-bit number, opaque outside `adapters/sockets`. Consecutive
 * numbers have different remainders, so hash tables spread them evenly.
 */
export type Viewer = number;

/** Events of connections. */
export interface SocketEvents {
  /** The connection has ended, on either side; its number may be reused. */
  gone(viewer: Viewer): void;
  /** A viewer that was full can accept a frame again. */
  drained(viewer: Viewer): void;
}

/** The open connections to viewers. Emits events asynchronously, never inside a call. */
export interface ViewerSockets {
  /** Sets the receiver of events; called once, before the first connection. */
  listen(events: SocketEvents): void;
  /**
   * Sends the same frame to each viewer, and returns the viewers that were full. A full viewer gets
   * no part of the frame; `drained` is emitted when it can accept frames again. The caller must not
   * change the frame afterwards; it may reuse the array.
   */
  send(viewers: Int32Array, frame: Frame): readonly Viewer[];
  /** Ends a connection, after the frame `last` if it can still be sent. Emits no `gone`. */
  close(viewer: Viewer, last?: Frame): void;
  /** Accepts no more connections, and ends all; resolves when each one has ended. */
  end(): Promise<void>;
}
