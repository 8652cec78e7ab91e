import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../runtime/clock';
import { boundUnreadBody } from '../../runtime/unread-bodies';

const REQUESTS = 30;

/** A server that answers before it has read a body. */
function refusingServer(): Server {
  return createServer((incoming, response) => {
    response.once('close', () => boundUnreadBody(incoming, systemClock));
    response.writeHead(400).end();
  });
}

function post(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, agent, method: 'POST' }, (answer) => {
      answer.resume().on('end', resolve);
    });
    sent.on('error', reject).end(Buffer.alloc(1_000));
  });
}

test('refused requests leave no listener on a connection that stays open', async () => {
  const [server, agent] = [refusingServer(), new Agent({ keepAlive: true, maxSockets: 1 })];
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const counts = [];
  for (let sent = 0; sent < REQUESTS; sent++) {
    await post(port, agent);
    counts.push(sockets[0]?.listenerCount('close'));
  }
  agent.destroy();
  server.closeAllConnections();
  server.close();
  expect(sockets).toHaveLength(1);
  expect(counts.at(-1)).toBe(counts[0]);
});
