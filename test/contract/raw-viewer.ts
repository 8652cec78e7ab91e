import { connect, type Socket } from 'node:net';
import { freshId } from './time';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** The versions of HTTP, by the form of frames that their viewers are sent. */
const VERSIONS = { chunked: '1.1', plain: '1.0' };

/** The form in which a viewer is sent frames. */
export type Form = keyof typeof VERSIONS;

export interface RawViewerOptions {
  readonly form?: Form;
  /** Follows the request in the same packet. */
  readonly text?: string;
}

/** A viewer as bytes on a connection. */
export class RawViewer {
  readonly name = freshId('client');
  /** The head of the answer, once it has arrived. */
  head: string | undefined;
  isOver = false;
  isSent = false;
  private readonly socket: Socket;
  private chunks: Buffer[] = [];

  /** Requests a stream. */
  constructor(port: number, { form = 'chunked', text = '' }: RawViewerOptions = {}) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.isOver = true;
      });
    }
    const version = VERSIONS[form];
    const head = `GET / HTTP/${version}\r\nHost: localhost\r\nX-Client: ${this.name}\r\n\r\n`;
    this.socket.write(head + text, () => {
      this.isSent = true;
    });
  }

  /** All bytes after the head, with the size lines of chunks. */
  get body(): Buffer {
    const whole = Buffer.concat(this.chunks);
    this.chunks = [whole];
    return whole;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  write(text: string): void {
    if (this.socket.writable) this.socket.write(text);
  }

  /** Ends its own side, and continues to read. */
  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    if (this.head !== undefined) return;
    const sofar = this.body;
    const end = sofar.indexOf(END_OF_HEAD);
    if (end < 0) return;
    this.head = sofar.toString('latin1', 0, end);
    this.chunks = [sofar.subarray(end + END_OF_HEAD.length)];
  }
}
