import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../end-to-end/server';

const NO_HELLO = "-ERR unknown command 'HELLO'\r\n";
const OK = '+OK\r\n';
const SUBSCRIBED = bulks('subscribe', '+switch-master').replace('*2', '*3').concat(':1\r\n');
const SWITCHED = bulks('message', '+switch-master', 'main');
const NONE = '*0\r\n';

/**
 * A Sentinel whose answers can be held back while it announces a failover: no real one can be made
 * to do that at a given moment.
 */
export class HeldSentinel {
  private readonly server: Server = createServer((socket) => this.accept(socket));
  private readonly sockets = new Set<Socket>();
  private readonly subscribers = new Set<Socket>();
  private readonly waiting: Socket[] = [];
  private isHeld = false;
  port = 0;

  /** `primary` is the port of the server that it names. */
  constructor(private primary: number) {}

  async start(): Promise<void> {
    this.port = await freePort();
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** The questions for the primary that are not answered. */
  get heldQuestions(): number {
    return this.waiting.length;
  }

  /** The connections that hear of failovers. */
  get listeners(): number {
    return this.subscribers.size;
  }

  hold(): void {
    this.isHeld = true;
  }

  /** Announces another primary, and answers held questions after that. */
  async switchTo(primary: number): Promise<void> {
    this.primary = primary;
    for (const socket of this.subscribers) socket.write(SWITCHED);
    // The client has the announcement when it has ended the connection that it came on.
    await Promise.all([...this.subscribers].map(closed));
    this.isHeld = false;
    for (const socket of this.waiting.splice(0)) this.namePrimary(socket);
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.subscribers.delete(socket);
    });
    socket.on('data', (chunk) => {
      // Each command begins with the number of its parts.
      const [, ...commands] = String(chunk).split(/^\*\d+\r\n/m);
      for (const command of commands) this.answer(socket, command);
    });
  }

  private answer(socket: Socket, command: string): void {
    if (/\bsubscribe\b/i.test(command)) {
      this.subscribers.add(socket);
      socket.write(SUBSCRIBED);
    } else if (/get-master-addr-by-name/i.test(command)) {
      if (this.isHeld) this.waiting.push(socket);
      else this.namePrimary(socket);
    } else if (/\bhello\b/i.test(command)) {
      socket.write(NO_HELLO);
    } else {
      socket.write(/\bsentinels\b/i.test(command) ? NONE : OK);
    }
  }

  private namePrimary(socket: Socket): void {
    socket.write(bulks('127.0.0.1', String(this.primary)));
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** An array of texts in Redis's protocol. */
function bulks(...texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`;
}
