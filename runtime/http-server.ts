import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, type ListenOptions, Socket } from 'node:net';
import type Koa from 'koa';
import type { Clock } from './clock';
import type { ConnectionLimit } from './limits/connection-limit';
import { type Overload, unitsOf } from './overload';
import { Pipeline, PipelineQueue } from './pipelining';
import { problemAnswer, sendProblem } from './problems';
import { refuseRaw } from './raw-refusal';
import { headFault, MAX_PARSED_HEAD_BYTES } from './request-head';
import { boundUnreadBody } from './unread-bodies';

/** How a server treats requests and connections. */
export interface HttpOptions {
  /** The time in which a request must have arrived; then it is answered 408. */
  readonly requestMs: number;
  /** The time after which an idle connection is closed. */
  readonly keepAliveMs: number;
  /** Bounds the `POST`s in flight; without it only the app does. */
  readonly writes?: Overload | undefined;
  /** Names and values in turn: headers of the answers to requests that reach no app. */
  readonly headersFor?: ((request: IncomingMessage) => readonly string[]) | undefined;
  /** Bounds the connections; without it only the descriptors do. */
  readonly connections?: ConnectionLimit | undefined;
  /** The setting that names the port, for advice if it is taken. */
  readonly setting?: string | undefined;
}

/** Load balancers keep idle connections for 60 s; they must close first. */
export const HTTP_TIMES: HttpOptions = { requestMs: 30_000, keepAliveMs: 75_000 };

const answerOverloaded = problemAnswer('overloaded');

/** How often Node looks for requests that are late. */
const CHECK_MS = 5_000;

/** The time in which requests in flight must be answered when a server closes. */
const CLOSE_MS = 3_000;

/** Connections that may wait to be accepted: after an outage all clients reconnect at once. */
const BACKLOG = 4_096;

/** Opens a server; rejects with advice if the port is in use. */
export async function openHttpServer(
  app: Koa,
  listen: ListenOptions | Socket,
  clock: Clock,
  options: Partial<HttpOptions> = {},
): Promise<HttpServer> {
  const server = new HttpServer(app, clock, { ...HTTP_TIMES, ...options });
  await server.listen(listen);
  return server;
}

/** An HTTP server of this process. */
export class HttpServer {
  private readonly server: Server;
  private readonly answer: RequestListener;
  private readonly pipelines = new Map<Socket, Pipeline>();
  private readonly queue: PipelineQueue;
  /** Writes that are not among those in flight. */
  private readonly refused = new WeakSet<IncomingMessage>();
  private isClosing = false;

  constructor(
    app: Koa,
    private readonly clock: Clock,
    private readonly options: HttpOptions,
  ) {
    this.queue = new PipelineQueue(clock);
    if (options.writes) options.writes.unfinished = () => this.unfinishedUnits();
    this.answer = app.callback();
    this.server = createServer(nodeOptions(options), (request, response) =>
      this.begin(request, response),
    );
    // Not in Node's documentation: a client that has sent its last request still gets the answer.
    Object.assign(this.server, { httpAllowHalfOpen: true });
    this.server.on('checkExpectation', (request, response) => this.begin(request, response));
    this.server.on('clientError', (error, socket) => {
      const pipeline = this.pipelines.get(socket as Socket);
      if (pipeline) pipeline.finish(() => refuseRaw(error, socket));
      else refuseRaw(error, socket);
    });
    this.server.on('connection', (socket) => {
      if (options.connections?.admit(socket, this.pipelines) === false) {
        socket.destroy();
        return;
      }
      this.pipelines.set(socket, new Pipeline(socket, this.queue));
      socket.once('close', () => this.closed(socket));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Listens at an address, or on a given socket. */
  listen(options: ListenOptions | Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      const port = 'port' in options ? options.port : undefined;
      this.server.once('error', (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === 'EADDRINUSE';
        reject(isTaken ? new Error(`port ${port} is taken: ${this.advice()}`) : error);
      });
      if (options instanceof Socket) this.server.listen(options, BACKLOG, resolve);
      else this.server.listen({ backlog: BACKLOG, ...options }, resolve);
    });
  }

  private advice(): string {
    const { setting } = this.options;
    return `stop what uses it${setting ? `, or set another ${setting}` : ''}`;
  }

  /** Accepts no more connections; resolves when requests in flight are answered, or too late. */
  close(): Promise<void> {
    this.isClosing = true;
    return new Promise((resolve) => {
      const late = this.clock.after(CLOSE_MS, () => this.server.closeAllConnections());
      this.server.close(() => {
        late.cancel();
        resolve();
      });
      for (const [socket, pipeline] of this.pipelines) if (pipeline.isIdle) socket.destroy();
    });
  }

  private begin(request: IncomingMessage, response: ServerResponse): void {
    const pipeline = this.pipelines.get(request.socket);
    pipeline?.begin(request, response, () => {
      if (this.isClosing) response.setHeader('Connection', 'close');
      const writes = request.method === 'POST' ? this.options.writes : undefined;
      const units = writes ? unitsOf(request) : 0;
      const mayBegin = writes?.enter(units) ?? true;
      if (writes && mayBegin) pipeline.writes.push(units);
      // A set of answers would cost a tenth of a write, in garbage collections.
      response.once('close', () => this.ended(pipeline, request, mayBegin ? units : 0));
      const fault = headFault(request);
      if (fault) sendProblem(response, fault, { Connection: 'close' });
      else if (mayBegin) void this.answer(request, response);
      else this.refuse(request, response);
    });
  }

  private refuse(request: IncomingMessage, response: ServerResponse): void {
    this.refused.add(request);
    const headers = this.options.headersFor?.(request) ?? [];
    this.options.writes?.refuse(() => answerOverloaded(response, headers));
  }

  /** The units of the writes in flight whose bodies have not arrived. */
  private unfinishedUnits(): number {
    let units = 0;
    for (const { unfinished } of this.pipelines.values()) {
      if (unfinished?.method !== 'POST' || this.refused.has(unfinished)) continue;
      units += unitsOf(unfinished);
    }
    return units;
  }

  /** Node emits no `close` of answers that wait for others of a connection that is over. */
  private closed(socket: Socket): void {
    const writes = this.pipelines.get(socket)?.writes ?? [];
    for (const units of writes.splice(0)) this.options.writes?.leave(units);
    this.pipelines.delete(socket);
  }

  /** An answer is sent, or its connection is over. */
  private ended(pipeline: Pipeline, request: IncomingMessage, units: number): void {
    // They were left already if the connection is over.
    if (units > 0 && pipeline.writes.shift() !== undefined) this.options.writes?.leave(units);
    boundUnreadBody(request, this.clock);
    pipeline.end();
    if (this.isClosing && pipeline.isIdle) request.socket.end();
  }
}

function nodeOptions({ keepAliveMs, requestMs }: HttpOptions): ServerOptions {
  return {
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, requestMs),
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: MAX_PARSED_HEAD_BYTES,
    // Node would answer these without a body.
    requireHostHeader: false,
  };
}
