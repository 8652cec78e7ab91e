import { connect, type Socket } from 'node:net';
import { type Frame, frameOf, LAST_CHUNK } from '../../schemas/frame';
import type { Form } from './raw-viewer';
import { freshId } from './time';

const END_OF_HEAD = '\r\n\r\n';
const END = LAST_CHUNK.toString('latin1');

/** The `n`-th frame of the stream that carries this mark. */
export function markedFrame(mark: string, n: number): Frame {
  return frameOf(`data: ${mark} ${n}\n\n`);
}

/** A viewer that checks that it gets its own frames, whole and in order, and nothing else. */
export class MarkedViewer {
  readonly mark = freshId('mark');
  /** The first bytes that it should not have received. */
  fault: string | undefined;
  /** The number of frames that it has checked. */
  checked = 0;
  /** The number of the next frame for it. */
  next = 0;
  private readonly socket: Socket;
  private hasHead = false;
  private text = '';

  constructor(
    port: number,
    private readonly form: Form = 'chunked',
  ) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => this.take(chunk.toString('latin1')));
    const version = form === 'chunked' ? '1.1' : '1.0';
    this.socket.write(`GET / HTTP/${version}\r\nHost: localhost\r\nX-Client: ${this.mark}\r\n\r\n`);
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    if (!this.hasHead) {
      const end = this.text.indexOf(END_OF_HEAD);
      if (end < 0) return;
      this.hasHead = true;
      this.text = this.text.slice(end + END_OF_HEAD.length);
    }
    while (this.text !== '' && this.fault === undefined) {
      const frame = markedFrame(this.mark, this.checked)[this.form].toString('latin1');
      if (!this.text.startsWith(frame)) {
        this.checkRest(frame);
        return;
      }
      this.text = this.text.slice(frame.length);
      this.checked += 1;
    }
  }

  // Less than a frame must be the start of it, or of the end of the stream.
  private checkRest(frame: string): void {
    const isEnd = this.form === 'chunked' && END.startsWith(this.text);
    if (!isEnd && !frame.startsWith(this.text)) this.fault = `${this.mark}: ${this.text}`;
  }
}
