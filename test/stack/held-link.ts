import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../end-to-end/server';

const HOST = '127.0.0.1';

/** The most bytes held back; further bytes stay in the client's buffers. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/** One connection through the link. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly held: Buffer[];
  hasEnded: boolean;
}

/**
 * A TCP link to a port of this machine. Bytes towards the server can be held back; they arrive
 * later even if the client has closed its connection by then, like bytes in a network.
 */
export class HeldLink {
  private readonly pairs = new Set<Pair>();
  private listener: Server | undefined;
  private isHolding = false;
  private heldBytes = 0;
  private most = 0;
  /** The port for clients. */
  port = 0;

  constructor(
    private readonly serverPort: () => number,
    /** Where clients connect: an address of this machine, and a port; a free one if not given. */
    private readonly at: { readonly host: string; readonly port?: number } = { host: HOST },
  ) {}

  /** Listens; resolves when clients can connect. */
  async start(): Promise<void> {
    this.port = this.at.port ?? (await freePort());
    this.listener = createServer({ allowHalfOpen: true }, (client) => this.open(client));
    await new Promise<void>((resolve, reject) => {
      this.listener?.once('error', reject).listen(this.port, this.at.host, resolve);
    });
  }

  /** The most bytes that were held back at one time. */
  get mostHeldBytes(): number {
    return this.most;
  }

  /** Holds back all bytes towards the server from now on. */
  hold(): void {
    this.isHolding = true;
  }

  /** Sends the held bytes to the server in order, and holds nothing back from then on. */
  release(): void {
    this.isHolding = false;
    this.heldBytes = 0;
    for (const pair of this.pairs) {
      for (const chunk of pair.held.splice(0)) pair.server.write(chunk);
      if (pair.hasEnded) pair.server.end();
      pair.client.resume();
    }
  }

  /** Closes all connections. */
  async end(): Promise<void> {
    const { listener } = this;
    for (const { client, server } of this.pairs) for (const one of [client, server]) one.destroy();
    this.pairs.clear();
    if (listener) await new Promise<void>((resolve) => listener.close(() => resolve()));
  }

  private open(client: Socket): void {
    const server = connect({ host: HOST, port: this.serverPort(), allowHalfOpen: true });
    const pair: Pair = { client, server, held: [], hasEnded: false };
    this.pairs.add(pair);
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    client.on('data', (chunk) => this.pass(pair, chunk));
    client.on('close', () => this.endServer(pair));
    client.on('end', () => this.endServer(pair));
    server.on('data', (chunk) => client.writable && client.write(chunk));
    server.on('close', () => {
      this.pairs.delete(pair);
      client.destroy();
    });
    server.on('end', () => client.end());
  }

  private pass({ client, held, server }: Pair, chunk: Buffer): void {
    if (!this.isHolding) {
      server.write(chunk);
      return;
    }
    held.push(chunk);
    this.heldBytes += chunk.length;
    this.most = Math.max(this.most, this.heldBytes);
    if (this.heldBytes > MAX_HELD_BYTES) client.pause();
  }

  /** Ends the server's side, after all held bytes are sent. */
  private endServer(pair: Pair): void {
    pair.hasEnded = true;
    if (!this.isHolding) pair.server.end();
  }
}
