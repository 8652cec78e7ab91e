import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { v7 } from 'uuid';
import { eventually } from '../end-to-end/api';
import { SseReader } from '../end-to-end/sse-reader';

/** A response over HTTP/2. */
export interface TlsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface TlsEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A client of a proxy over TLS and HTTP/2: calls, and a stream that reconnects as a page does. */
export class TlsClient {
  readonly events: TlsEvent[] = [];
  /** The status of each answer to `/stream`. */
  readonly statuses: number[] = [];
  lastEventId = '';
  private readonly ca: string;
  private session: ClientHttp2Session | undefined;
  private stream: ClientHttp2Stream | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retryMs = 300;
  private isClosed = false;

  constructor(
    private readonly url: string,
    caFile: string,
  ) {
    this.ca = readFileSync(caFile, 'utf8');
  }

  /** One request on a connection of its own. */
  call(method: string, path: string, body = '', headers: object = {}): Promise<TlsAnswer> {
    return new Promise((resolve, reject) => {
      const session = connect(this.url, { ca: this.ca });
      session.on('error', reject);
      const isWhole = body === '';
      const head = { ':method': method, ':path': path, ...headers };
      const sent = session.request(head, { endStream: isWhole });
      const chunks: Buffer[] = [];
      let answered: Record<string, unknown> = {};
      sent.on('response', (found) => {
        answered = found;
      });
      sent.on('data', (chunk: Buffer) => chunks.push(chunk));
      sent.on('error', reject);
      sent.on('end', () => {
        session.close();
        const text = Buffer.concat(chunks).toString();
        resolve({ status: Number(answered[':status']), headers: answered, text });
      });
      if (!isWhole) sent.end(body);
    });
  }

  /** Sends a like of the video 42; resolves with the status. */
  async like(): Promise<number> {
    const body = JSON.stringify({ likeId: v7() });
    return (await this.call('POST', '/videos/42/likes', body)).status;
  }

  /** Opens the stream of video 42; it reconnects with its id until `close`. */
  open(): void {
    if (this.isClosed) return;
    const session = connect(this.url, { ca: this.ca });
    this.session = session;
    session.on('error', () => undefined);
    session.on('close', () => this.openLater());
    const path = '/stream?channel=video:42&events=likes';
    const resume = this.lastEventId === '' ? {} : { 'last-event-id': this.lastEventId };
    const stream = session.request({ ':path': path, ...resume });
    this.stream = stream;
    const decoder = new TextDecoder();
    const reader = this.reader();
    stream.on('response', (found) => {
      this.statuses.push(Number(found[':status']));
    });
    stream.on('data', (chunk: Buffer) => reader.push(decoder.decode(chunk, { stream: true })));
    stream.on('error', () => undefined);
    stream.on('close', () => session.destroy());
  }

  /** Whether one connection has carried all events so far. */
  get connections(): number {
    return this.events.filter(({ name }) => name === 'ready').length;
  }

  /** The last total that was sent. */
  get total(): number | undefined {
    const last = this.events.findLast(({ data }) => data.total !== undefined);
    return last === undefined ? undefined : Number(last.data.total);
  }

  /** Resolves once the last total is this one. */
  until(total: number, ms?: number): Promise<void> {
    return eventually(() => expect(this.total).toBe(total), ms);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.stream?.destroy();
    this.session?.destroy();
  }

  private openLater(): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => this.open(), this.retryMs);
  }

  private reader(): SseReader {
    return new SseReader({
      comment: () => undefined,
      retry: (ms) => {
        this.retryMs = ms;
      },
      id: (id) => {
        this.lastEventId = id;
      },
      event: (name, data) => this.events.push({ name, data: JSON.parse(data) }),
    });
  }
}
