import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { bodyOf } from './body';

/** The least work of a Node server: one Buffer, written to each socket. */
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n';

const sockets = new Set<Socket>();

const server = createServer(async (req, res) => {
  if (req.method === 'POST') {
    const frame = await bodyOf(req);
    for (const socket of sockets) socket.write(frame);
    res.writeHead(202, { 'Content-Length': 0 }).end();
    return;
  }
  const { socket } = res;
  if (!socket) return;
  res.detachSocket(socket);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => sockets.delete(socket));
  socket.write(HEAD);
  sockets.add(socket);
});
server.requestTimeout = 0;
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 });
