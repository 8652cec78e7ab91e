import { connect, type Socket } from 'node:net';

const READY = 'event: ready';

export interface LightStreamOptions {
  readonly url: string;
  readonly channels: readonly string[];
  readonly token: string;
  /** Called once `ready` has come. */
  readonly opened: () => void;
  /** Called once when an opened stream has ended, on either side. */
  readonly closed: () => void;
  /** Called once when a stream has ended before `ready` came. */
  readonly abandoned?: () => void;
}

/** A stream whose events are not read, so that thousands of them cost a test little. */
export class LightStream {
  private readonly socket: Socket;
  private isOpen = false;
  private ended: (() => void) | undefined;

  constructor({ abandoned, channels, closed, opened, token, url }: LightStreamOptions) {
    const { host, hostname, port } = new URL(url);
    const query = channels.map((channel) => `channel=${channel}`).join('&');
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      if (this.isOpen || !chunk.includes(READY)) return;
      this.isOpen = true;
      opened();
    });
    this.ended = () => {
      if (this.isOpen) closed();
      else abandoned?.();
      this.isOpen = false;
    };
    this.socket.once('close', () => this.end());
    this.socket.write(
      `GET /stream?${query} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
  }

  /** Ends it; a busy process would hear of its socket's end later than the server. */
  close(): void {
    this.end();
    this.socket.destroy();
  }

  private end(): void {
    this.ended?.();
    this.ended = undefined;
  }
}
