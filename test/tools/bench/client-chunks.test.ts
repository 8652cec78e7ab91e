import { createServer, type Server, type Socket } from 'node:net';
import { frameOf, LAST_CHUNK } from '../../../schemas/frame';
import { Client } from '../../../tools/bench/client';
import { Crew } from '../../../tools/bench/crew';
import { eventually } from '../../end-to-end/api';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding:';

const crew = new Crew();
const servers: Server[] = [];

afterAll(async () => {
  await crew.endAll();
  for (const server of servers) server.close();
});

/** A viewer of the load client, and the connection on which it waits for an answer. */
async function watch(): Promise<{ client: Client; socket: Socket }> {
  let socket: Socket | undefined;
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.setNoDelay(true).once('data', () => {
      socket = connection;
    });
  });
  servers.push(server);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address && typeof address === 'object' ? address.port : 0);
    });
  });
  const target = { port, path: '/', post: { port, path: '/', body: '' } };
  const client = new Client(crew, { viewers: 1, target });
  client.connect(1);
  await eventually(async () => expect(socket).toBeDefined());
  if (!socket) throw new Error('no connection');
  return { client, socket };
}

function likes(total: number, news: number): string {
  const data = JSON.stringify({ channel: 'video:a', total, new: news, t: Date.now() });
  return `event: likes\ndata: ${data}\nid: ${total}\n\n`;
}

function chunk(text: string, size = Buffer.byteLength(text).toString(16)): string {
  return `${size}\r\n${text}\r\n`;
}

async function figuresAfter(client: Client, frames: number) {
  await eventually(async () => expect((await client.mark()).frames).toBe(frames));
  const { broken, likes: sum, open, unreadable } = await client.mark();
  return { broken, sum, open, unreadable };
}

describe('a chunked stream', () => {
  const RIGHT = { broken: 0, unreadable: 0, open: 1 };

  it.each([' chunked', 'chunked', ' Chunked '])('is one with the coding "%s"', async (coding) => {
    const { client, socket } = await watch();
    socket.write(`${HEAD}${coding}\r\n\r\n${frameOf(likes(1, 1)).chunked}`);
    expect(await figuresAfter(client, 1)).toEqual({ ...RIGHT, sum: 1 });
  });

  it('is read when it is cut at any byte', async () => {
    const { client, socket } = await watch();
    const frames = [likes(1, 1), 'event: ping\ndata: {}\n\n', likes(3, 2), likes(7, 4)];
    const bytes = Buffer.concat(frames.map((text) => frameOf(text).chunked));
    socket.write(`${HEAD} chunked\r\n\r\n`);
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      // The client has read the byte when it answers a later request.
      await client.totals();
    }
    expect(await figuresAfter(client, 3)).toEqual({ ...RIGHT, sum: 7 });
  });

  it('is read when a chunk has parts of frames, several frames, or an extension', async () => {
    const { client, socket } = await watch();
    const [first, second, third] = [likes(1, 1), likes(3, 2), likes(7, 4)];
    const size = Buffer.byteLength(third).toString(16);
    socket.write(
      [
        `${HEAD} chunked\r\n\r\n`,
        ...[chunk(first.slice(0, 9)), chunk(`${first.slice(9)}${second}`)],
        chunk(third, `00${size.toUpperCase()};name="value"`),
      ].join(''),
    );
    expect(await figuresAfter(client, 3)).toEqual({ ...RIGHT, sum: 7 });
  });

  it.each<[string, string]>([
    ['the last chunk', LAST_CHUNK.toString()],
    ['a size that is no number', 'hello\r\n'],
    ['no size', '\r\n'],
    ['a size that is too large', 'fffffffff\r\n'],
    ['a chunk that is longer than its size', chunk(likes(3, 2), '5')],
  ])('is closed after %s', async (_, text) => {
    const { client, socket } = await watch();
    socket.write(`${HEAD} chunked\r\n\r\n${chunk(likes(1, 1))}`);
    expect(await figuresAfter(client, 1)).toEqual({ ...RIGHT, sum: 1 });
    socket.write(text);
    await eventually(async () => expect(await client.mark()).toMatchObject({ open: 0, closed: 1 }));
    expect((await client.mark()).likes).toBe(1);
  });
});
