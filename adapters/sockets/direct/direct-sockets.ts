import type { Context } from 'koa';
import type { Clock } from '../../../runtime/clock';
import {
  EAGAIN,
  type Libc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_TRUNC,
  SHUT_WR,
  SO_LINGER,
  SOL_SOCKET,
} from '../../../runtime/libc';
import { LikestreamError } from '../../../schemas/errors';
import type { Frame } from '../../../schemas/frame';
import type { ViewerLag } from '../../viewer-lag';
import type { SocketEvents, Viewer, ViewerSockets } from '../../viewer-sockets';
import { streamEnd } from '../stream-end';
import { isPlain } from '../stream-head';
import { SLOT_MASK } from '../viewer-numbers';
import { ClosingConnections } from './closing-connections';
import { BLOCKED, BROKEN, Connections, ENDING, PLAIN, REPORTED_FULL } from './connections';
import { Epoll, type Readiness } from './epoll';
import { takeOver } from './handover';
import { TcpInfo } from './tcp-info';

/** A viewer that sends more bytes than this is disconnected: it sends nothing but its request. */
const MAX_RECEIVED_BYTES = 64 * 1024;

/** The time in which a viewer must receive the last frame of its stream. */
const LAST_FRAME_MS = 1_000;

const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;
const DISCARD_FLAGS = MSG_DONTWAIT | MSG_TRUNC;

/** SO_LINGER {1, 0}: unsent bytes are discarded, and the connection is reset. */
const NO_LINGER = Buffer.from(new Int32Array([1, 0]).buffer);

/**
 * Viewers' connections as descriptors, used through the C library's calls. A descriptor never
 * leaves this folder. A connection has no object: only a few bytes in arrays, by its slot.
 */
export class DirectSockets implements ViewerSockets, ViewerLag {
  private readonly connections = new Connections();
  /** The unsent rest of a frame, by viewer. */
  private readonly rests = new Map<Viewer, Buffer>();
  /** The number of received bytes, by viewer; none if nothing was received. */
  private readonly received = new Map<Viewer, number>();
  private readonly closing: ClosingConnections;
  private readonly epoll: Epoll;
  private readonly tcpInfo: TcpInfo;
  private events: SocketEvents | undefined;
  private isOver = false;

  constructor(
    private readonly libc: Libc,
    private readonly clock: Clock,
  ) {
    this.epoll = new Epoll(libc, clock, (viewer, readiness) =>
      this.handleReadiness(viewer, readiness),
    );
    this.tcpInfo = new TcpInfo(libc);
    this.closing = new ClosingConnections(clock, LAST_FRAME_MS, (viewer) => this.abort(viewer));
  }

  listen(events: SocketEvents): void {
    this.events = events;
  }

  /**
   * Takes over the connection of a request, and sends the head. Throws `draining` if the connection
   * has ended, and `full` if the process has no free descriptor.
   */
  adopt(ctx: Context): Viewer {
    if (this.isOver) throw new LikestreamError('draining');
    const file = takeOver(ctx, this.libc, this.clock.now());
    const viewer = this.connections.add(file, isPlain(ctx) ? PLAIN : 0);
    if (this.epoll.add(file, viewer)) return viewer;
    this.release(viewer);
    throw new LikestreamError('full', 'a connection could not be watched');
  }

  send(viewers: Int32Array, frame: Frame): readonly Viewer[] {
    const { files, marks, numbers } = this.connections;
    const { send } = this.libc;
    const { chunked } = frame;
    const { length } = chunked;
    const full: Viewer[] = [];
    for (let at = 0; at < viewers.length; at++) {
      const viewer = viewers[at] ?? 0;
      const slot = viewer & SLOT_MASK;
      if (viewer === 0 || numbers[slot] !== viewer) continue;
      if (marks[slot] === 0) {
        const sent = send(files[slot] ?? -1, chunked, length, SEND_FLAGS);
        if (sent === length || this.isAccepted(viewer, chunked, sent)) continue;
      } else if (marks[slot] === PLAIN && this.sendPlain(viewer, frame)) continue;
      if (this.connections.is(viewer, ENDING | BROKEN)) continue;
      this.connections.mark(viewer, REPORTED_FULL);
      full.push(viewer);
    }
    return full;
  }

  lagOf(viewer: Viewer): number {
    const { connections } = this;
    if (!connections.has(viewer) || connections.is(viewer, ENDING)) return 0;
    return this.tcpInfo.lagOf(connections.fileOf(viewer));
  }

  close(viewer: Viewer, last?: Frame): void {
    const { connections } = this;
    if (!connections.has(viewer) || connections.is(viewer, ENDING)) return;
    const end = streamEnd(last, connections.is(viewer, PLAIN));
    if (
      connections.is(viewer, REPORTED_FULL | BROKEN) ||
      (!end && connections.is(viewer, BLOCKED))
    ) {
      this.abort(viewer);
    } else if (end) this.endWith(viewer, end);
    else this.release(viewer);
  }

  async end(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    for (const viewer of this.connections.numbers) this.close(viewer);
    await this.closing.whenEmpty();
    this.epoll.close();
  }

  /** The number of connections, including those that are being closed. */
  get size(): number {
    return this.connections.size;
  }

  private sendPlain(viewer: Viewer, { plain }: Frame): boolean {
    const { length } = plain;
    const sent = this.libc.send(this.connections.fileOf(viewer), plain, length, SEND_FLAGS);
    return sent === length || this.isAccepted(viewer, plain, sent);
  }

  /** Whether bytes are or will be sent: the rest of partly sent ones is kept, and sent first. */
  private isAccepted(viewer: Viewer, bytes: Buffer, sent: number): boolean {
    if (sent >= 0) {
      this.rests.set(viewer, bytes.subarray(sent));
      this.connections.mark(viewer, BLOCKED);
      return true;
    }
    if (this.libc.errno() === EAGAIN) {
      this.connections.mark(viewer, BLOCKED);
      return false;
    }
    this.connections.mark(viewer, BROKEN);
    this.clock.after(0, () => this.closeLost(viewer));
    return true;
  }

  private handleReadiness(viewer: Viewer, { isOver, isReadable, isWritable }: Readiness): void {
    // The viewer was closed earlier in the same batch of events.
    if (!this.connections.has(viewer)) return;
    if (isOver || (isReadable && !this.discard(viewer))) this.closeLost(viewer);
    else if (isWritable && this.connections.is(viewer, BLOCKED)) this.unblock(viewer);
  }

  /** Discards received bytes; false if the viewer has sent too many, or has ended its side. */
  private discard(viewer: Viewer): boolean {
    const file = this.connections.fileOf(viewer);
    let received = this.received.get(viewer) ?? 0;
    for (;;) {
      const got = this.libc.recv(file, null, MAX_RECEIVED_BYTES, DISCARD_FLAGS);
      if (got < 0) return this.libc.errno() === EAGAIN;
      received += got;
      this.received.set(viewer, received);
      if (got === 0 || received > MAX_RECEIVED_BYTES) return false;
    }
  }

  private unblock(viewer: Viewer): void {
    const rest = this.rests.get(viewer);
    if (rest) {
      const sent = this.libc.send(this.connections.fileOf(viewer), rest, rest.length, SEND_FLAGS);
      if (sent !== rest.length) {
        if (sent >= 0) this.rests.set(viewer, rest.subarray(sent));
        else if (this.libc.errno() !== EAGAIN) this.closeLost(viewer);
        return;
      }
      this.rests.delete(viewer);
    }
    const wasReported = this.connections.is(viewer, REPORTED_FULL);
    this.connections.unmark(viewer, BLOCKED | REPORTED_FULL);
    if (this.connections.is(viewer, ENDING)) this.finish(viewer);
    else if (wasReported) this.events?.drained(viewer);
  }

  private endWith(viewer: Viewer, end: Buffer): void {
    const { connections, libc, rests } = this;
    const rest = rests.get(viewer);
    if (rest) rests.set(viewer, Buffer.concat([rest, end]));
    else {
      const sent = libc.send(connections.fileOf(viewer), end, end.length, SEND_FLAGS);
      if (sent < 0) {
        this.abort(viewer);
        return;
      }
      if (sent < end.length) this.isAccepted(viewer, end, sent);
    }
    connections.mark(viewer, ENDING);
    this.closing.add(viewer);
    if (!connections.is(viewer, BLOCKED)) this.finish(viewer);
  }

  // Ends our side of the connection; the peer then ends its own. Closing the descriptor immediately
  // would reset the connection if the peer had sent bytes, and the last frame would be lost.
  private finish(viewer: Viewer): void {
    if (this.libc.shutdown(this.connections.fileOf(viewer), SHUT_WR) < 0) this.abort(viewer);
  }

  private closeLost(viewer: Viewer): void {
    if (!this.connections.has(viewer)) return;
    const wasClosed = this.connections.is(viewer, ENDING);
    if (this.connections.is(viewer, BLOCKED)) this.abort(viewer);
    else this.release(viewer);
    if (!wasClosed) this.events?.gone(viewer);
  }

  /** Resets a connection whose peer does not read; its bytes in the kernel are discarded. */
  private abort(viewer: Viewer): void {
    const { length } = NO_LINGER;
    this.libc.setsockopt(this.connections.fileOf(viewer), SOL_SOCKET, SO_LINGER, NO_LINGER, length);
    this.release(viewer);
  }

  /** Closes a connection; no other method closes descriptors. */
  private release(viewer: Viewer): void {
    const file = this.connections.fileOf(viewer);
    if (!this.connections.free(viewer)) return;
    this.libc.close(file);
    this.rests.delete(viewer);
    this.received.delete(viewer);
    this.closing.done(viewer);
  }
}
