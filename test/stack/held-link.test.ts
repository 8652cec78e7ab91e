import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { eventually } from '../end-to-end/api';
import { HeldLink } from './held-link';

let server: Server;
let link: HeldLink;
let received: string;
let ended: number;
const sockets = new Set<Socket>();

beforeEach(async () => {
  [received, ended] = ['', 0];
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (chunk) => {
      received += chunk;
      socket.write(`got ${chunk}`);
    });
    socket.on('end', () => {
      ended += 1;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  link = new HeldLink(() => (server.address() as AddressInfo).port);
  await link.start();
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await link.end();
  server.close();
});

async function client(): Promise<Socket> {
  const socket = connect(link.port, '127.0.0.1');
  sockets.add(socket);
  await once(socket, 'connect');
  return socket;
}

test('bytes and answers pass', async () => {
  const socket = await client();
  socket.write('one');
  expect(String((await once(socket, 'data'))[0])).toBe('got one');
  expect(received).toBe('one');
});

test('held bytes arrive later, in order, and before all later bytes', async () => {
  const socket = await client();
  link.hold();
  socket.write('one ');
  await eventually(async () => expect(link.mostHeldBytes).toBe(4));
  socket.write('two ');
  await eventually(async () => expect(link.mostHeldBytes).toBe(8));
  expect(received).toBe('');
  link.release();
  socket.write('three');
  await eventually(async () => expect(received).toBe('one two three'));
});

test('held bytes arrive even if the client has closed its connection', async () => {
  const socket = await client();
  link.hold();
  socket.write('late');
  await eventually(async () => expect(link.mostHeldBytes).toBe(4));
  socket.destroy();
  await once(socket, 'close');
  link.release();
  await eventually(async () => expect({ received, ended }).toEqual({ received: 'late', ended: 1 }));
});

test('a connection that is opened while bytes are held is held, too', async () => {
  link.hold();
  const socket = await client();
  socket.write('one');
  await eventually(async () => expect(link.mostHeldBytes).toBe(3));
  expect(received).toBe('');
  link.release();
  await eventually(async () => expect(received).toBe('one'));
});

test('a client sees the end if the server ends the connection', async () => {
  const socket = await client();
  socket.write('one');
  await once(socket, 'data');
  socket.resume();
  for (const each of sockets) if (each !== socket) each.destroy();
  await once(socket, 'close');
});

test('a link at another address of this machine can have the port of its server', async () => {
  const { port } = server.address() as AddressInfo;
  const other = new HeldLink(() => port, { host: '127.0.0.11', port });
  await other.start();
  const socket = connect(port, '127.0.0.11');
  sockets.add(socket);
  await once(socket, 'connect');
  other.hold();
  socket.write('held');
  await eventually(() => expect(other.mostHeldBytes).toBe(4));
  expect(received).toBe('');
  other.release();
  await eventually(() => expect(received).toBe('held'));
  socket.destroy();
  await other.end();
});
