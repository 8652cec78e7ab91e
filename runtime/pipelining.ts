import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from './clock';

/** The most requests of one connection in flight; reading continues once some are answered. */
export const MAX_REQUESTS_IN_FLIGHT = 16;

/**
 * The most pipelined requests in flight over all connections, not counting the first one of each.
 * So a single request waits for few others, even if many connections pipeline.
 */
export const MAX_PIPELINED = 16;

/** Held connections that resume in one turn of the event loop: turns must stay short. */
const READ_ON_OF_TURN = 4;

/** A full connection is read again once no more than this number of requests is in flight. */
const READ_AGAIN_AT = MAX_REQUESTS_IN_FLIGHT / 2;

/** The shortest request: `GET / HTTP/1.0` and two line ends. */
const MIN_REQUEST_BYTES = 18;

/** Shared by a server's connections: the count of pipelined requests, and the queue to resume. */
export class PipelineBudget {
  private used = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  get left(): number {
    return Math.max(0, MAX_PIPELINED - this.used);
  }

  change(by: number): void {
    this.used += by;
  }

  /**
   * Runs `readOn` in a later turn of the event loop, in the order of the calls. Otherwise
   * connections whose requests need no I/O would block the event loop.
   */
  readLater(readOn: () => void): void {
    if (this.waiting.size === 0) this.clock.after(0, () => this.readNext());
    this.waiting.add(readOn);
  }

  private readNext(): void {
    let started = 0;
    for (const readOn of this.waiting) {
      if (started++ === READ_ON_OF_TURN) break;
      this.waiting.delete(readOn);
      readOn();
    }
    if (this.waiting.size > 0) this.clock.after(0, () => this.readNext());
  }
}

/**
 * Bounds the requests in flight of one connection. Node parses a whole read at once, up to 64 KiB,
 * and emits every request in it before it can be stopped. So the gate replaces Node's parser as the
 * socket's reader, and passes the bytes to the parser in slices that cannot contain more requests
 * than may begin. The rest goes back into the socket, which is paused until some requests are
 * answered; TCP's window then stops the client.
 */
export class PipelineGate {
  private readonly parse: ((bytes: Buffer) => void) | undefined;
  private inFlight = 0;
  /** Whether this gate has paused the socket because bytes wait in it. */
  private isHeld = false;
  private isClosed = false;
  private sliceBytes = 0;
  /** A lower bound of the bytes still missing from the latest request's body. */
  private bodyBytesLeft = 0;
  private latest: IncomingMessage | undefined;
  /** Runs once all requests in flight are answered; if it is set, nothing more is read. */
  private afterLast: (() => void) | undefined;

  /** Must be created before the socket's first bytes are read. */
  constructor(
    private readonly socket: Socket,
    private readonly budget: PipelineBudget,
  ) {
    socket.once('close', () => this.giveBack());
    const [reader] = socket.listeners('data');
    if (!reader) return;
    this.parse = (bytes) => reader.call(socket, bytes);
    socket.removeListener('data', reader as (bytes: Buffer) => void);
    socket.on('data', (bytes: Buffer) => this.pass(bytes));
  }

  /** Whether no request of the connection is in flight. */
  get isIdle(): boolean {
    return this.inFlight === 0;
  }

  /** Counts a request that has begun, until its response is over. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const bodyBytes = Number(request.headers['content-length'] ?? 0);
    this.count(1);
    this.latest = request;
    this.bodyBytesLeft = Math.max(0, bodyBytes - this.sliceBytes);
    response.once('close', () => this.end());
    // Happens only if Node's parser reads the socket by itself, which no known version does.
    if (this.inFlight > MAX_REQUESTS_IN_FLIGHT) this.socket.destroy();
  }

  /**
   * Stops reading, and runs `task` once the requests in flight are answered, because its answer
   * must not overtake theirs. Runs it immediately if one of them will never be complete.
   */
  finish(task: () => void): void {
    if (this.isIdle || this.isInBody) task();
    else this.afterLast ??= task;
  }

  private end(): void {
    this.count(-1);
    if (this.isIdle && this.afterLast) this.afterLast();
    const mayRead = this.inFlight <= READ_AGAIN_AT && this.mayBegin > 0;
    if (!this.isHeld || !mayRead || this.isClosed) return;
    this.budget.readLater(this.readOn);
  }

  private readonly readOn = (): void => {
    this.isHeld = false;
    if (!this.isClosed) this.socket.resume();
  };

  private count(by: number): void {
    const before = this.pipelined;
    this.inFlight += by;
    if (!this.isClosed) this.budget.change(this.pipelined - before);
  }

  /** Releases the budget: after a connection closes, Node ends no response that has not begun. */
  private giveBack(): void {
    this.isClosed = true;
    this.budget.change(-this.pipelined);
  }

  private get pipelined(): number {
    return Math.max(0, this.inFlight - 1);
  }

  /** Requests that may begin now; at least one if none is in flight, so no connection starves. */
  private get mayBegin(): number {
    const first = this.isIdle ? 1 : 0;
    return Math.min(MAX_REQUESTS_IN_FLIGHT - this.inFlight, first + this.budget.left);
  }

  private pass(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.mayPass()) rest = this.passSlice(rest);
    // Bytes after a request whose answer ends the connection are ignored.
    if (rest.length === 0 || !this.socket.writable || this.afterLast) return;
    // If the client does not read its answers, Node pauses the socket and resumes it later.
    if (!this.socket.isPaused()) this.hold();
    // The socket must be paused before: a flowing socket would emit the bytes again immediately.
    this.socket.unshift(rest);
  }

  private mayPass(): boolean {
    const { socket } = this;
    const hasRoom = this.mayBegin > 0 || this.isInBody;
    // Node may also resume the socket of a held connection, when it reads a request's body.
    const isOpen = !this.isHeld && !this.afterLast;
    return hasRoom && isOpen && socket.writable && !socket.isPaused();
  }

  /** Whether the latest request lacks body bytes: it never ends if they are not read. */
  private get isInBody(): boolean {
    return this.latest?.complete === false;
  }

  private hold(): void {
    this.isHeld = true;
    this.socket.pause();
  }

  private passSlice(bytes: Buffer): Buffer {
    // In a body, the shortest slice has at least one body byte, so no whole request fits in it.
    const length = Math.max(1, this.mayBegin) * MIN_REQUEST_BYTES;
    const slice = bytes.subarray(0, Math.max(this.bodyBytesLeft, length));
    this.bodyBytesLeft = Math.max(0, this.bodyBytesLeft - slice.length);
    this.sliceBytes = slice.length;
    this.parse?.(slice);
    return bytes.subarray(slice.length);
  }
}
