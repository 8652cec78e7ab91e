import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from './clock';

/** Requests of one connection in flight; its next bytes are read once some are answered. */
export const MAX_REQUESTS_IN_FLIGHT = 16;

/**
 * Pipelined requests of all connections in flight: those beyond the first of each. However many
 * connections pipeline, a request beside them waits for few others.
 */
export const MAX_PIPELINED = 16;

/** Held connections that are read on in one turn of the event loop: turns have to stay short. */
const READ_ON_OF_TURN = 4;

/** A connection that has that many in flight is read again when no more than these are left. */
const READ_AGAIN_AT = MAX_REQUESTS_IN_FLIGHT / 2;

/** `GET / HTTP/1.0` and two line ends: no request is shorter. */
const MIN_REQUEST_BYTES = 18;

/** What the connections of a server share: pipelined requests in flight, and turns to read on. */
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
   * Runs `readOn` in a later turn of the event loop, in the order of the calls: connections whose
   * requests need no I/O would else keep the event loop to themselves.
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
 * Bounds the requests of one connection that are in flight. Node parses a whole read at once, up to
 * 64 KiB, and hands over every request in it before anything can stop it. So the gate takes the
 * place of Node's parser as the socket's reader, and passes the bytes on in slices that cannot hold more
 * requests than may begin. The rest goes back into the socket, which is paused until some requests
 * are answered; TCP's window then stops the client.
 */
export class PipelineGate {
  private readonly parse: ((bytes: Buffer) => void) | undefined;
  private inFlight = 0;
  /** Whether bytes wait in the paused socket until this gate reads on. */
  private isHeld = false;
  private isClosed = false;
  private sliceBytes = 0;
  /** At least so many bytes of the present request's body are still to come. */
  private bodyBytesLeft = 0;
  private latest: IncomingMessage | undefined;
  /** What to do once all requests in flight are answered; nothing more is read then. */
  private afterLast: (() => void) | undefined;

  /** To be made before the socket's first bytes are read. */
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
    // Only if Node's parser reads by itself, which no known version does.
    if (this.inFlight > MAX_REQUESTS_IN_FLIGHT) this.socket.destroy();
  }

  /**
   * Reads nothing more, and runs `task` once the requests in flight are answered: an answer must
   * not overtake them. At once where one of them will never arrive whole.
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

  /** Node does not end the responses of a closed connection that have not begun. */
  private giveBack(): void {
    this.isClosed = true;
    this.budget.change(-this.pipelined);
  }

  private get pipelined(): number {
    return Math.max(0, this.inFlight - 1);
  }

  /** Requests that may begin now: one at least if none is in flight, so each connection goes on. */
  private get mayBegin(): number {
    const first = this.isIdle ? 1 : 0;
    return Math.min(MAX_REQUESTS_IN_FLIGHT - this.inFlight, first + this.budget.left);
  }

  private pass(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.mayPass()) rest = this.passSlice(rest);
    // Behind an answer that ends the connection, nothing is a request.
    if (rest.length === 0 || !this.socket.writable || this.afterLast) return;
    // Node too pauses it, if the client does not read its answers, and resumes it by itself.
    if (!this.socket.isPaused()) this.hold();
    // Only once it is paused: a socket that flows would hand it over again at once.
    this.socket.unshift(rest);
  }

  private mayPass(): boolean {
    const { socket } = this;
    const hasRoom = this.mayBegin > 0 || this.isInBody;
    // Node resumes the socket of a held connection, too, when it looks for a request's body.
    const isOpen = !this.isHeld && !this.afterLast;
    return hasRoom && isOpen && socket.writable && !socket.isPaused();
  }

  /** Whether a request in flight waits for the rest of its body: without that it never ends. */
  private get isInBody(): boolean {
    return this.latest?.complete === false;
  }

  private hold(): void {
    this.isHeld = true;
    this.socket.pause();
  }

  private passSlice(bytes: Buffer): Buffer {
    // In a body's last bytes, the shortest slice cannot hold a whole request behind them.
    const length = Math.max(1, this.mayBegin) * MIN_REQUEST_BYTES;
    const slice = bytes.subarray(0, Math.max(this.bodyBytesLeft, length));
    this.bodyBytesLeft = Math.max(0, this.bodyBytesLeft - slice.length);
    this.sliceBytes = slice.length;
    this.parse?.(slice);
    return bytes.subarray(slice.length);
  }
}
