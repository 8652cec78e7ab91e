import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { Readable } from 'node:stream';
import { createProxyServer } from 'http-proxy-3';
import { LikestreamError } from '../../schemas/errors';
import { HOST } from '../native/host';
import { TYPE_ROUTE } from './type-route';

/** Above the largest body that producers accept, so that they still refuse larger ones. */
const MAX_BODY_BYTES = 64 * 1024;
const MIN_RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

/** A reverse proxy in front of producers and frontends, for machines without nginx. */
class NodeDoor {
  private turn = 0;
  private readonly proxy = createProxyServer({ xfwd: true, proxyTimeout: 60_000 });

  constructor(
    private readonly producers: readonly string[],
    private readonly frontends: readonly string[],
  ) {}

  listen(port: number): void {
    createServer((req, res) => void this.forward(req, res)).listen({
      port,
      host: HOST,
      backlog: 4_096,
    });
  }

  /** Forwards a request to the first upstream that accepts the connection; never sends it twice. */
  private async forward(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const isForProducers = TYPE_ROUTE.test(req.url ?? '');
    this.turn += 1;
    const body = await bodyOf(req);
    for (const target of rotated(isForProducers ? this.producers : this.frontends, this.turn)) {
      if (await this.isForwarded(req, res, target, body)) return;
    }
    answerUnavailable(req, res);
  }

  private isForwarded(req: IncomingMessage, res: ServerResponse, target: string, body: Buffer) {
    return new Promise<boolean>((resolve) => {
      res.once('close', () => resolve(true));
      this.proxy.web(req, res, { target, buffer: Readable.from([body]) }, (error) => {
        const isUnsent = 'code' in error && error.code === 'ECONNREFUSED';
        if (!isUnsent) answerUnavailable(req, res);
        resolve(!isUnsent);
      });
    });
  }
}

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    // The producer will refuse this body, so the rest is read and discarded.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rotated(upstreams: readonly string[], turn: number): string[] {
  const at = turn % upstreams.length;
  return [...upstreams.slice(at), ...upstreams.slice(0, at)];
}

/**
 * With these headers pages of other origins may read what the door answers itself, as nginx.conf
 * has it. Its answers are the same for all and have no data.
 */
function corsHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const { origin } = headers;
  return {
    ...(origin !== undefined && { 'Access-Control-Allow-Origin': origin }),
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, Last-Event-ID',
    'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
    'Access-Control-Expose-Headers': 'Retry-After',
  };
}

function answerUnavailable(req: IncomingMessage, res: ServerResponse): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const cors = corsHeaders(req);
  if (req.method === 'OPTIONS') {
    res.writeHead(204, cors).end();
    return;
  }
  // EventSource never reconnects after a status other than 200.
  if (req.url?.startsWith('/stream?')) {
    const retryMs = MIN_RETRY_MS + Math.floor(Math.random() * RETRY_SPREAD_MS);
    const bye = JSON.stringify({ reason: 'unavailable', retryMs });
    res.writeHead(200, {
      ...cors,
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      Connection: 'close',
    });
    res.end(`retry: ${retryMs}\nevent: bye\ndata: ${bye}\n\n`);
    return;
  }
  const problem = new LikestreamError('peer_unavailable').toProblem();
  const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '1' };
  res.writeHead(503, { ...cors, ...headers });
  res.end(JSON.stringify(problem));
}

const [port, producers = '', frontends = ''] = process.argv.slice(2);
new NodeDoor(producers.split(','), frontends.split(',')).listen(Number(port));
