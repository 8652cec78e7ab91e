import type { Socket } from 'node:net';
import type { Context } from 'koa';
import type { Clock } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';
import type { Frame } from '../../schemas/frame';
import type { ViewerLag } from '../viewer-lag';
import type { SocketEvents, Viewer, ViewerSockets } from '../viewer-sockets';
import { streamEnd } from './stream-end';
import { connectionOf, isPlain, setStreamHead } from './stream-head';
import { ViewerNumbers } from './viewer-numbers';

/** A viewer for which more bytes than this wait is full. */
export const MAX_WAITING_BYTES = 64 * 1024;

/** A viewer that sends more bytes than this is disconnected: it sends nothing but its request. */
const MAX_RECEIVED_BYTES = 64 * 1024;

/** The time in which a viewer must receive the last frame of its stream. */
const LAST_FRAME_MS = 1_000;

/** Viewers' connections as plain Node sockets. */
export class NodeSockets implements ViewerSockets, ViewerLag {
  private readonly sockets = new Map<Viewer, Socket>();
  /** The viewers that get frames without chunks. */
  private readonly plainViewers = new Set<Viewer>();
  private readonly waitingForDrain = new Set<Viewer>();
  /** Since when bytes wait in this process, monotonic ms; outdated once none wait. */
  private readonly unsentSince = new Map<Viewer, number>();
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
    const viewer = this.register(socket);
    if (isPlain(ctx)) this.plainViewers.add(viewer);
    return viewer;
  }

  send(viewers: Int32Array, frame: Frame): readonly Viewer[] {
    const full: Viewer[] = [];
    for (const viewer of viewers) {
      const socket = this.sockets.get(viewer);
      if (!socket) continue;
      if (socket.writableLength > MAX_WAITING_BYTES) {
        full.push(viewer);
        this.waitingForDrain.add(viewer);
      } else this.write(viewer, socket, frame);
    }
    return full;
  }

  lagOf(viewer: Viewer): number {
    if (!this.sockets.get(viewer)?.writableLength) return 0;
    const now = this.clock.monotonic();
    return now - (this.unsentSince.get(viewer) ?? now);
  }

  close(viewer: Viewer, last?: Frame): void {
    const socket = this.sockets.get(viewer);
    if (!socket) return;
    const end = streamEnd(last, this.plainViewers.has(viewer));
    this.unregister(viewer);
    if (!end || socket.writableLength > MAX_WAITING_BYTES) socket.destroy();
    else this.endSoon(socket, end);
  }

  async end(): Promise<void> {
    this.isOver = true;
    for (const viewer of [...this.sockets.keys()]) this.close(viewer);
    const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([...this.ending].map(closed));
  }

  private write(viewer: Viewer, socket: Socket, { chunked, plain }: Frame): void {
    const hadUnsent = socket.writableLength > 0;
    socket.write(this.plainViewers.has(viewer) ? plain : chunked);
    if (socket.writableLength > 0 && !hadUnsent) {
      this.unsentSince.set(viewer, this.clock.monotonic());
    }
  }

  // A viewer that no longer reads never receives its last frame, so the wait is bounded.
  private endSoon(socket: Socket, end: Buffer): void {
    const late = this.clock.after(LAST_FRAME_MS, () => socket.destroy());
    this.ending.add(socket);
    socket.once('close', () => {
      this.ending.delete(socket);
      late.cancel();
    });
    socket.end(end, () => socket.destroy());
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
    this.plainViewers.delete(viewer);
    this.unsentSince.delete(viewer);
    this.numbers.free(viewer);
    this.waitingForDrain.delete(viewer);
  }
}
