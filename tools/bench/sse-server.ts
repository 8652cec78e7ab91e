import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Target } from './target';

/** A stream that a test writes to piece by piece. */
export class SseServer {
  /** Open streams, in the order of their requests. */
  readonly streams: ServerResponse[] = [];
  /** `Last-Event-ID` of each request. */
  readonly lastIds: (string | undefined)[] = [];
  /** Bodies of POSTs. */
  readonly posts: string[] = [];
  private readonly server = createServer(async (req, res) => {
    if (req.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      this.posts.push(Buffer.concat(chunks).toString());
      res.writeHead(201).end('{}');
      return;
    }
    this.lastIds.push([req.headers['last-event-id']].flat()[0]);
    res.socket?.setNoDelay(true);
    if (!this.chunked) res.useChunkedEncodingByDefault = false;
    res.writeHead(this.status, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    this.streams.push(res);
  });

  constructor(
    private readonly chunked: boolean,
    private readonly status = 200,
  ) {}

  async listen(): Promise<Target> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    return { port, path: '/stream/@V@', post: { port, path: '/post/@V@', body: '@V@ @N@' } };
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
