import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy that reaches each host, whatever its name, on loopback: test pages of several sites. */
export class LoopbackProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => this.own(socket));
    server.on('connect', (request, client: Socket, head: Buffer) => {
      const target = connect(Number(new URL(`http://${request.url}`).port), '127.0.0.1');
      this.own(target);
      target.once('connect', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.write(head);
        target.pipe(client).pipe(target);
      });
      target.once('close', () => client.destroy());
      client.once('close', () => target.destroy());
    });
  }

  static start(): Promise<LoopbackProxy> {
    const server = createServer((_, response) => response.writeHead(502).end());
    return new Promise((resolve) => {
      const proxy = new LoopbackProxy(server);
      server.listen(0, '127.0.0.1', () => resolve(proxy));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private own(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.sockets.delete(socket));
  }
}
