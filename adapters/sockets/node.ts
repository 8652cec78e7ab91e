import type { Socket } from 'node:net';
import type { Context } from 'koa';
import type { Clock } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';
import type { SocketEvents, Viewer, ViewerSockets } from '../viewer-sockets';
import { connectionOf, setStreamHead } from './stream-head';
import { ViewerNumbers } from './viewer-numbers';

/** A viewer for which more bytes than this wait is full. */
export const MAX_WAITING_BYTES = 64 * 1024;

/** A viewer that sends more bytes than this is disconnected: it sends nothing but its request. */
const MAX_RECEIVED_BYTES = 64 * 1024;

/** The time in which a viewer must receive the last frame of its stream. */
const LAST_FRAME_MS = 1_000;

/** Viewers' connections as plain Node sockets. */
export class NodeSockets implements ViewerSockets {
  private readonly sockets = new Map<Viewer, Socket>();
  private readonly waitingForDrain = new Set<Viewer>();
  private readonly ending = new Set<Socket>();
  private events: SocketEvents | undefined;
  private isOver = false;
  private readonly numbers = new ViewerNumbers();

  constructor(private readonly clock: Clock) {}

  listen(events: SocketEvents): void {
    this.events = events;
  }

  /**
   * Takes over the connection of a request: koa-sse-stream sets the head, and frames are then
   * written to the socket directly. Throws `draining` if the connection has ended.
   */
  adopt(ctx: Context): Viewer {
    if (this.isOver) throw new LikestreamError('draining');
    const socket = connectionOf(ctx);
    setStreamHead(ctx);
    ctx.res.writeHead(200);
    ctx.res.flushHeaders();
    return this.register(socket);
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
    this.unregister(viewer);
    if (last === undefined || socket.writableLength > MAX_WAITING_BYTES) socket.destroy();
    else this.endSoon(socket, last);
  }

  async end(): Promise<void> {
    this.isOver = true;
    for (const viewer of [...this.sockets.keys()]) this.close(viewer);
    const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([...this.ending].map(closed));
  }

  // A viewer that no longer reads never receives its last frame, so the wait is bounded.
  private endSoon(socket: Socket, last: Buffer): void {
    const late = this.clock.after(LAST_FRAME_MS, () => socket.destroy());
    this.ending.add(socket);
    socket.once('close', () => {
      this.ending.delete(socket);
      late.cancel();
    });
    socket.end(last, () => socket.destroy());
  }

  private register(socket: Socket): Viewer {
    const viewer = this.numbers.take();
    this.sockets.set(viewer, socket);
    socket.on('drain', () => {
      if (this.waitingForDrain.delete(viewer)) this.events?.drained(viewer);
    });
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.connectionClosed(viewer));
    socket.on('data', () => {
      if (socket.bytesRead > MAX_RECEIVED_BYTES) socket.destroy();
    });
    return viewer;
  }

  private connectionClosed(viewer: Viewer): void {
    if (!this.sockets.has(viewer)) return;
    this.unregister(viewer);
    this.events?.gone(viewer);
  }

  private unregister(viewer: Viewer): void {
    this.sockets.delete(viewer);
    this.numbers.free(viewer);
    this.waitingForDrain.delete(viewer);
  }
}
