import { connect, type Socket } from 'node:net';
import { freshId } from './time';

const END_OF_HEAD = '\r\n\r\n';
const END_OF_FRAME = '\n\n';

/** The `n`-th frame of the stream that carries this mark. */
export function markedFrame(mark: string, n: number): Buffer {
  return Buffer.from(`data: ${mark} ${n}${END_OF_FRAME}`);
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

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => this.take(chunk.toString('latin1')));
    this.socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Client: ${this.mark}\r\n\r\n`);
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
    const frames = this.text.split(END_OF_FRAME);
    this.text = frames.pop() ?? '';
    for (const frame of frames) {
      if (frame !== `data: ${this.mark} ${this.checked}`) this.fault ??= `${this.mark}: ${frame}`;
      this.checked += 1;
    }
  }
}
