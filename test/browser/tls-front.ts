import { readFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertificateFiles } from '../stack/certificates';

/** A path that the front answers itself, with an empty page. */
export const PAGE_PATH = '/page-of-test';

const PAGE = '<!doctype html><meta charset="utf-8"><title>likestream</title>';

/** What a browser sent to open a stream. */
export interface StreamRequest {
  readonly channel: string;
  readonly hasCookie: boolean;
  readonly hasQueryToken: boolean;
  readonly lastEventId: string | undefined;
}

/** A proxy that ends TLS in front of a server, or serves its empty page alone. */
export class TlsFront {
  private readonly streams: StreamRequest[] = [];
  private readonly answers = new Set<ServerResponse>();

  private constructor(
    private readonly server: Server,
    private readonly target: number | undefined,
  ) {}

  /** Starts a front of the server on this port of loopback, or of none. */
  static start({ cert, key }: CertificateFiles, target?: number): Promise<TlsFront> {
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
    const front = new TlsFront(server, target);
    server.on('request', (asked, answer) => front.answer(asked, answer));
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(front)));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The requests for streams of a channel so far. */
  streamsOf(channel: string): StreamRequest[] {
    return this.streams.filter((each) => each.channel === channel);
  }

  /** Cuts the connections of all open streams. */
  cutStreams(): void {
    for (const answer of this.answers) answer.destroy();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(asked: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(asked.url ?? '/', 'https://front');
    if (url.pathname === PAGE_PATH || this.target === undefined) {
      answer.setHeader('Content-Type', 'text/html');
      answer.end(PAGE);
      return;
    }
    if (url.pathname === '/stream') this.note(url, asked, answer);
    const { method, headers, url: path } = asked;
    const sent = request(
      {
        ...{ host: '127.0.0.1', port: this.target, method, path },
        headers: { ...headers, 'x-forwarded-proto': 'https' },
      },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        answer.flushHeaders();
        got.pipe(answer);
      },
    );
    sent.on('error', () => answer.destroy());
    answer.once('close', () => sent.destroy());
    asked.pipe(sent);
  }

  private note(url: URL, { headers }: IncomingMessage, answer: ServerResponse): void {
    this.answers.add(answer);
    answer.once('close', () => this.answers.delete(answer));
    const lastEventId = headers['last-event-id'];
    this.streams.push({
      channel: url.searchParams.get('channel') ?? '',
      hasCookie: headers.cookie?.includes('likestream_session=') ?? false,
      hasQueryToken: url.searchParams.has('access_token'),
      lastEventId: Array.isArray(lastEventId) ? lastEventId[0] : lastEventId,
    });
  }
}
