import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { token } from '../runtime/members/tokens';

/** A path that the front answers itself, with an empty page. */
export const PAGE_PATH = '/page-of-test';

/** A path that the front answers with a new token. */
export const TOKEN_PATH = '/token-of-test';

const PAGE = '<!doctype html><meta charset="utf-8"><title>likestream</title>';

/** How a request fails: the server never gets it, or its answer is lost. */
export type Fault = 'before' | 'after' | '431' | '502';

/** A proxy in front of a server, which fails as a test wants it. */
export class FaultyFront {
  /** Requests so far, as `GET /stream`, without queries and ids of streams. */
  readonly requests: string[] = [];
  tokenLifeS = 3_600;
  /** Decides the fault of a request, if any. */
  fault: (name: string, headers: IncomingHttpHeaders) => Fault | undefined = () => undefined;
  private readonly streams = new Set<ServerResponse>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  /** Starts a front of the server on this port of loopback. */
  static start(target: number): Promise<FaultyFront> {
    const server = createServer();
    const front = new FaultyFront(server, target);
    server.on('request', (asked, answer) => front.answer(asked, answer));
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(front)));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  count(name: string): number {
    return this.requests.filter((each) => each === name).length;
  }

  /** Cuts the connections of all open streams. */
  cutStreams(): void {
    for (const stream of this.streams) stream.destroy();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(asked: IncomingMessage, answer: ServerResponse): void {
    const { pathname } = new URL(asked.url ?? '/', 'http://front');
    const name = `${asked.method} ${pathname.replace(/^\/stream\/[^/]+/, '/stream/ID')}`;
    this.requests.push(name);
    if (pathname === PAGE_PATH || pathname === TOKEN_PATH) {
      answer.setHeader('Content-Type', 'text/html');
      answer.end(pathname === PAGE_PATH ? PAGE : this.token());
      return;
    }
    const fault = this.fault(name, asked.headers);
    if (fault === 'before') answer.destroy();
    else if (fault === '431') answer.writeHead(431).end();
    else if (fault === '502') answer.writeHead(502).end('<h1>Bad Gateway</h1>');
    else this.forward(asked, answer, fault === 'after');
  }

  private token(): string {
    const iat = Math.floor(Date.now() / 1_000);
    return token({ sub: 'ann', iat, exp: iat + this.tokenLifeS });
  }

  private forward(asked: IncomingMessage, answer: ServerResponse, isLost: boolean): void {
    const { headers, method, url: path } = asked;
    const target = { host: '127.0.0.1', port: this.target, method, path };
    const sent = request({ ...target, headers }, (got) => {
      if (isLost) {
        answer.destroy();
        return;
      }
      if (path?.startsWith('/stream?')) this.streams.add(answer);
      answer.writeHead(got.statusCode ?? 502, got.headers);
      answer.flushHeaders();
      // Unlike `pipe`, it closes the answer if the server ends in the middle of one.
      pipeline(got, answer, () => {});
    });
    sent.on('error', () => answer.destroy());
    answer.once('close', () => {
      this.streams.delete(answer);
      // A request whose client has left may be stored all the same.
      if (path?.startsWith('/stream?')) sent.destroy();
    });
    asked.pipe(sent);
  }
}
