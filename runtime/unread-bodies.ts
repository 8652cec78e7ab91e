import type { IncomingMessage } from 'node:http';
import type { Clock } from './clock';

/** The time in which a client must end a request that is already answered. */
export const UNREAD_BODY_MS = 1_000;

/** The bytes of a request that are read after its answer, and some more. */
export const MAX_UNREAD_BYTES = 256 * 1024;

/** How often they are counted: Node discards them and emits no event. */
const CHECK_MS = 50;

/**
 * Bounds what is read of a request after its answer; call it when that is sent. The rest is read
 * and discarded for a while: a client that still writes when the connection is closed might not
 * receive the answer.
 */
export function boundUnreadBody(request: IncomingMessage, clock: Clock): void {
  if (!request.complete && !request.destroyed) watch(request, clock);
}

function watch(request: IncomingMessage, clock: Clock): void {
  const { socket } = request;
  const end = {
    ms: clock.monotonic() + UNREAD_BODY_MS,
    bytes: socket.bytesRead + MAX_UNREAD_BYTES,
  };
  const check = (): void => {
    if (request.complete || socket.destroyed) return;
    if (socket.bytesRead > end.bytes || clock.monotonic() > end.ms) socket.destroy();
    else clock.after(CHECK_MS, check);
  };
  clock.after(CHECK_MS, check);
}
