import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, type ListenOptions, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type Koa from 'koa';
import { LikestreamError } from '../schemas/errors';
import type { Clock } from './clock';
import { Pipeline, PipelineQueue } from './pipelining';

const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 75_000;

/** The time in which requests in flight must be answered when a server closes. */
const CLOSE_MS = 3_000;

/** Connections that may wait to be accepted: after an outage all clients reconnect at once. */
const BACKLOG = 4_096;

/** Opens a server; rejects with advice if the port is in use. */
export async function openHttpServer(
  app: Koa,
  listen: ListenOptions | Socket,
  clock: Clock,
): Promise<HttpServer> {
  const server = new HttpServer(app, clock);
  await server.listen(listen);
  return server;
}

/** An HTTP server of this process. */
export class HttpServer {
  private readonly server: Server;
  private readonly pipelines = new Map<Socket, Pipeline>();
  private readonly queue: PipelineQueue;
  private isClosing = false;

  constructor(
    app: Koa,
    private readonly clock: Clock,
  ) {
    this.queue = new PipelineQueue(clock);
    const answer = app.callback();
    this.server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
      const pipeline = this.pipelines.get(request.socket);
      pipeline?.begin(request, response, () => {
        this.watch(pipeline, request.socket, response);
        void answer(request, response);
      });
    });
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.server.on('clientError', (error, socket) => {
      const pipeline = this.pipelines.get(socket as Socket);
      if (pipeline) pipeline.finish(() => refuse(error, socket));
      else refuse(error, socket);
    });
    this.server.on('connection', (socket) => {
      this.pipelines.set(socket, new Pipeline(socket, this.queue));
      socket.once('close', () => this.pipelines.delete(socket));
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
        reject(isTaken ? new Error(`port ${port} is taken: stop what uses it`) : error);
      });
      if (options instanceof Socket) this.server.listen(options, BACKLOG, resolve);
      else this.server.listen({ backlog: BACKLOG, ...options }, resolve);
    });
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

  private watch(pipeline: Pipeline, socket: Socket, response: ServerResponse): void {
    if (this.isClosing) response.setHeader('Connection', 'close');
    response.once('close', () => {
      pipeline.end();
      if (this.isClosing && pipeline.isIdle) socket.end();
    });
  }
}

/** Answers bytes that are no valid request with a problem; Node itself would send no body. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = new LikestreamError(isTooLarge ? 'headers_too_large' : 'malformed_request');
  const { status, title } = problem;
  const body = JSON.stringify(problem.toProblem());
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
