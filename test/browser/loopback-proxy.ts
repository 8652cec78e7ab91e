import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** Forwards a request without TLS; if its target fails, the connection is cut. */
function forward(asked: IncomingMessage, answer: ServerResponse): void {
  const { headers, method, url = '' } = asked;
  const { pathname, port, search } = new URL(url);
  const target = { host: '127.0.0.1', port, method, path: pathname + search, headers };
  const sent = request(target, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    answer.flushHeaders();
    got.pipe(answer);
    got.on('error', () => answer.destroy());
  });
  sent.on('error', () => answer.destroy());
  answer.once('close', () => sent.destroy());
  asked.pipe(sent);
}

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
    const server = createServer(forward);
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
