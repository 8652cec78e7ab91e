import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LikestreamError } from '../schemas/errors';
import type { Clock, Timer } from './clock';
import type { Connection, Waiting } from './limits/connection-limit';
import { sendProblem } from './problems';

/** The most requests of one connection in flight; one more is refused and ends the connection. */
export const MAX_REQUESTS_IN_FLIGHT = 16;

/** Pipelined requests that start in one turn of the event loop: turns must stay short. */
export const MAX_STARTS_OF_TURN = 4;

/** The return value by which Node's parser stops at a request. */
const NO_REQUEST = -1;

/**
 * Starts pipelined requests of all connections a few at a time, in later turns of the event loop.
 * So a single request of another connection waits for few of them. The queue is bounded by the
 * connections and `MAX_REQUESTS_IN_FLIGHT`.
 */
export class PipelineQueue {
  private readonly waiting: (() => void)[] = [];
  private turns = 0;
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  /** A greater number at each call. */
  nextTurn(): number {
    return ++this.turns;
  }

  add(start: () => void): void {
    this.waiting.push(start);
    this.timer ??= this.clock.after(0, () => this.startSome());
  }

  private startSome(): void {
    this.timer = undefined;
    for (const start of this.waiting.splice(0, MAX_STARTS_OF_TURN)) start();
    if (this.waiting.length > 0) this.timer ??= this.clock.after(0, () => this.startSome());
  }
}

/**
 * Counts the requests in flight of one connection. Node parses a whole read at once, up to 64 KiB,
 * and emits every request in it, so the parser itself is stopped once a request is refused.
 */
export class Pipeline implements Connection {
  /** The units of each write in flight, in their order. */
  readonly writes: number[] = [];
  private inFlight = 0;
  private isAnswered = false;
  private waitsSince: number;
  private isRefused = false;
  private isFinished = false;
  private latest: IncomingMessage | undefined;
  /** Runs once all complete requests in flight are answered. */
  private afterComplete: (() => void) | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly queue: PipelineQueue,
  ) {
    this.waitsSince = queue.nextTurn();
  }

  get since(): number {
    return this.waitsSince;
  }

  get waits(): Waiting | undefined {
    if (this.inFlight > 0) return this.latest?.complete ? undefined : 'unfinished';
    return this.isAnswered ? 'idle' : 'unfinished';
  }

  /** The request in flight that has not arrived yet, if any: it is the latest one. */
  get unfinished(): IncomingMessage | undefined {
    return this.inFlight > 0 && this.latest?.complete === false ? this.latest : undefined;
  }

  /** Whether no request of the connection is in flight. */
  get isIdle(): boolean {
    return this.inFlight === 0;
  }

  /**
   * Runs `start` for a request that has arrived: immediately if it is the only one in flight,
   * otherwise in its turn. Answers it with 503 if too many are in flight.
   */
  begin(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    if (this.isRefused) return;
    if (this.inFlight === MAX_REQUESTS_IN_FLIGHT) {
      this.refuse(response);
      return;
    }
    this.latest = request;
    this.waitsSince = this.queue.nextTurn();
    if (this.inFlight++ === 0) start();
    else this.queue.add(() => this.socket.destroyed || start());
  }

  /** Counts the end of a response whose request has begun. */
  end(): void {
    this.inFlight--;
    this.isAnswered = true;
    this.waitsSince = this.queue.nextTurn();
    this.runAfterComplete();
  }

  /**
   * Runs `task` once the complete requests in flight are answered, because its answer must not
   * overtake theirs. Does not wait for the latest one if it will never be complete. Never runs it
   * after a refusal, which is the connection's last answer.
   */
  finish(task: () => void): void {
    if (this.isRefused) return;
    if (this.isFinished) {
      task();
      return;
    }
    this.afterComplete ??= task;
    this.runAfterComplete();
  }

  private runAfterComplete(): void {
    const incomplete = this.latest?.complete === false ? 1 : 0;
    if (!this.afterComplete || this.inFlight > incomplete || this.isFinished) return;
    this.isFinished = true;
    this.afterComplete();
  }

  /** Node sends this answer after those of the requests before, and then closes the connection. */
  private refuse(response: ServerResponse): void {
    this.isRefused = true;
    stopParsing(this.socket);
    sendProblem(response, new LikestreamError('too_many_pipelined'), { Connection: 'close' });
  }
}

/** Resolves once the answers to all earlier requests of the connection are sent, or it is over. */
export async function turnOf(response: ServerResponse): Promise<void> {
  const { socket } = response.req;
  if (response.socket !== null || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('socket', done);
      socket.off('close', done);
      resolve();
    };
    response.on('socket', done);
    socket.on('close', done);
  });
}

/** Node's parser of a socket, and the function to which it passes requests; not documented. */
type Parsed = Socket & { readonly parser?: { onIncoming: () => number } | null };

/**
 * Makes Node's parser fail at the next request. Later bytes are still read, and ignored: if they
 * were left unread, the operating system would reset the connection when it is closed, and the
 * client could lose answers.
 */
function stopParsing({ parser }: Parsed): void {
  if (parser) parser.onIncoming = () => NO_REQUEST;
}
