import type { Socket } from 'node:net';
import type { Context } from 'koa';
import SseStream from 'koa-sse-stream/lib/sse';
import type { Clock } from '../runtime/clock';
import { LikestreamError } from '../schemas/errors';
import type { SocketEvents, Viewer, ViewerSockets } from './sockets';
import { ViewerNumbers } from './viewer-numbers';

/** More than this waiting for a viewer, and it is full. */
export const MAX_WAITING_BYTES = 64 * 1024;

/** A viewer has nothing to send but its request; one that sends more than this in all is let go. */
const MAX_RECEIVED_BYTES = 64 * 1024;

/** A viewer has so long to take the last frame of its stream. */
const LAST_FRAME_MS = 1_000;

/** Viewers' connections as plain Node sockets. */
export class NodeSockets implements ViewerSockets {
  private readonly sockets = new Map<Viewer, Socket>();
  private readonly waitingForDrain = new Set<Viewer>();
  private events: SocketEvents | undefined;
  private readonly numbers = new ViewerNumbers();

  constructor(private readonly clock: Clock) {}

  listen(events: SocketEvents): void {
    this.events = events;
  }

  /**
   * Takes over the connection of a request: koa-sse-stream sets its head, and from then on frames
   * are written to the socket itself. Throws `draining` when the connection is over already.
   */
  adopt(ctx: Context): Viewer {
    const { req, res } = ctx;
    const { socket } = res;
    // A pipelined request has no socket of its own: the stream before it never ends.
    if (!socket || socket.destroyed || socket !== req.socket) {
      req.socket.destroy();
      throw new LikestreamError('draining', 'the connection is over');
    }
    new SseStream(ctx).destroy();
    ctx.respond = false;
    res.useChunkedEncodingByDefault = false;
    res.setHeader('Connection', 'close');
    res.writeHead(200);
    res.flushHeaders();
    return this.keep(socket);
  }

  send(viewers: Int32Array, frame: Buffer): readonly Viewer[] {
    const full: Viewer[] = [];
    for (const viewer of viewers) {
      const socket = this.sockets.get(viewer);
      if (!socket) continue;
      if (socket.writableLength > MAX_WAITING_BYTES) {
        full.push(viewer);
        this.waitingForDrain.add(viewer);
      } else socket.write(frame);
    }
    return full;
  }

  close(viewer: Viewer, last?: Buffer): void {
    const socket = this.sockets.get(viewer);
    if (!socket) return;
    this.forget(viewer);
    if (last === undefined || socket.writableLength > MAX_WAITING_BYTES) socket.destroy();
    else this.endSoon(socket, last);
  }

  // One that reads no more never takes its last frame: it does not get for ever.
  private endSoon(socket: Socket, last: Buffer): void {
    const late = this.clock.after(LAST_FRAME_MS, () => socket.destroy());
    socket.once('close', () => late.cancel());
    socket.end(last, () => socket.destroy());
  }

  private keep(socket: Socket): Viewer {
    const viewer = this.numbers.take();
    this.sockets.set(viewer, socket);
    socket.on('drain', () => {
      if (this.waitingForDrain.delete(viewer)) this.events?.drained(viewer);
    });
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.lost(viewer));
    socket.on('data', () => {
      if (socket.bytesRead > MAX_RECEIVED_BYTES) socket.destroy();
    });
    return viewer;
  }

  private lost(viewer: Viewer): void {
    if (!this.sockets.has(viewer)) return;
    this.forget(viewer);
    this.events?.gone(viewer);
  }

  private forget(viewer: Viewer): void {
    this.sockets.delete(viewer);
    this.numbers.free(viewer);
    this.waitingForDrain.delete(viewer);
  }
}
