/**
 * A viewer's connection: a positive number of 32 bits, and nothing outside the sockets part knows
 * more. Numbers given one after another have different remainders.
 */
export type Viewer = number;

/** What the sockets part tells of viewers. */
export interface SocketEvents {
  /** The connection is over, by whichever side; the number may be given out again. */
  gone(viewer: Viewer): void;
  /** A viewer that was full can take a frame again. */
  drained(viewer: Viewer): void;
}

/** The open connections to viewers. It tells of nobody while it is called: only afterwards. */
export interface ViewerSockets {
  /** Who is told; called once, before any viewer is there. */
  listen(events: SocketEvents): void;
  /**
   * Sends the same bytes to each viewer, and gives those that were full: they got nothing of it,
   * and are told of by `drained`. Bytes are sent whole or not at all, and must not be changed
   * afterwards. The array is the caller's, and is read in this call alone.
   */
  send(viewers: Int32Array, frame: Buffer): readonly Viewer[];
  /** Ends the connection, after `last` where it can still be sent. Nobody is told of it as gone. */
  close(viewer: Viewer, last?: Buffer): void;
  /** Takes no more; resolves when every connection is over, each having taken its last frame or not. */
  end(): Promise<void>;
}
