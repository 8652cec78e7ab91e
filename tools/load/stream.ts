import { connect, type Socket } from 'node:net';
import { ChunkDecoder } from './chunk-decoder';
import { EventParser, type StreamEvent } from './event-parser';

const READ_BUFFER_BYTES = 64 * 1024;
const MAX_HEAD_CHARS = 16 * 1024;
const HEAD_END = '\r\n\r\n';
const OK = 200;

// All sockets share one buffer, because a read is decoded before the next one.
const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);

/** The address and request of a stream. */
export interface StreamRequest {
  readonly host: string;
  readonly port: number;
  /** The complete request head, with the blank line. */
  readonly head: string;
  readonly localAddress: string | undefined;
}

/** Gets the events of a stream. */
export interface StreamReader {
  /** Called with events, in order. */
  onEvents(events: readonly StreamEvent[]): void;
  /** Called for any bytes, also those of pings. */
  onBytes(): void;
  /** Called once at the end: with a status other than 200, and with an error's text. */
  onEnd(status: number | undefined, error: string | undefined): void;
}

/** One `GET` of an event stream over a socket of its own. */
export class Stream {
  private readonly socket: Socket;
  private readonly parser = new EventParser();
  private head: string | undefined = '';
  private chunks: ChunkDecoder | undefined;
  private status: number | undefined;
  private error: string | undefined;
  private closed = false;

  constructor(
    request: StreamRequest,
    private readonly reader: StreamReader,
  ) {
    const { host, port, localAddress } = request;
    const callback = (length: number): boolean => this.read(length);
    const onread = { buffer: readBuffer, callback };
    this.socket = connect({ host, port, onread, ...(localAddress && { localAddress }) });
    this.socket.on('error', (error) => {
      this.error ??= codeOf(error);
    });
    this.socket.on('end', () => this.socket.destroy());
    this.socket.on('close', () => this.end());
    this.socket.write(request.head, 'latin1');
  }

  /** Destroys the connection, also within an event; `onEnd` is not called. */
  close(): void {
    this.closed = true;
    this.socket.destroy();
  }

  private end(): void {
    if (!this.closed) {
      this.closed = true;
      this.reader.onEnd(this.status, this.error);
    }
  }

  private read(length: number): boolean {
    if (this.closed) {
      return false;
    }
    this.reader.onBytes();
    try {
      this.take(readBuffer.toString('latin1', 0, length));
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.socket.destroy();
    }
    return true;
  }

  private take(text: string): void {
    const raw = this.head === undefined ? text : this.takeHead(this.head + text);
    const body = this.chunks === undefined ? raw : this.chunks.push(raw);
    if (body !== '') {
      this.reader.onEvents(this.parser.push(body));
    }
    if (this.chunks?.done) {
      this.socket.destroy();
    }
  }

  private takeHead(text: string): string {
    const end = text.indexOf(HEAD_END);
    if (end < 0) {
      this.head = text;
      if (text.length > MAX_HEAD_CHARS) {
        throw new Error('the response head is too long');
      }
      return '';
    }
    this.head = undefined;
    this.checkHead(text.slice(0, end));
    return text.slice(end + HEAD_END.length);
  }

  private checkHead(head: string): void {
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (status !== OK) {
      this.status = status;
      throw new Error(`status ${status}`);
    }
    if (!/^content-type: *text\/event-stream/im.test(head)) {
      throw new Error('not an event stream');
    }
    if (/^transfer-encoding:.*chunked/im.test(head)) {
      this.chunks = new ChunkDecoder();
    }
  }
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
