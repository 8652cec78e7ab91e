import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes bytes on to a server, and keeps the heads of requests; can refuse connections. */
export class RecordingLink {
  /** The beginnings of what clients sent. */
  readonly heads: string[] = [];
  port = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly target: () => number) {
    this.server = createServer((client) => this.pass(client));
  }

  /** Listens, on the same port as before if it listened already. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', () => {
        const address = this.server.address();
        if (typeof address === 'object') this.port = address?.port ?? 0;
        resolve();
      });
    });
  }

  /** Refuses connections, and cuts those that are open. */
  refuse(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    return closed;
  }

  private pass(client: Socket): void {
    const server = connect(this.target(), '127.0.0.1');
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (chunk) => this.heads.push(chunk.toString('latin1')));
    client.pipe(server);
    server.pipe(client);
  }
}
