import Connection = require('kafkajs/src/network/connection');

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import '../../../../adapters/kafka/client/client';
import { eventually } from '../../../end-to-end/api';

const REQUEST_MS = 200;
const JOIN_GROUP_MS = 60_000;

interface Sending {
  send(message: object): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

let server: Server;
let connection: Connection & Sending;
let accepted: Socket[];
/** The number of requests that the broker has got, if each was sent alone. */
let requests: number;

beforeEach(async () => {
  accepted = [];
  requests = 0;
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined).on('data', () => void requests++);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  connection = connectionTo(server);
});

afterEach(async () => {
  for (const socket of accepted) socket.destroy();
  await connection.disconnect();
  server.close();
});

function connectionTo(broker: Server): Connection & Sending {
  const address = broker.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const quiet = { debug: () => undefined, error: () => undefined, warn: () => undefined };
  const options = {
    host: '127.0.0.1',
    port: address.port,
    logger: { namespace: () => quiet },
    socketFactory: ({ host, port, onConnect }: SocketOptions) => connect(port, host, onConnect),
    requestTimeout: REQUEST_MS,
    connectionTimeout: 1_000,
  };
  return Reflect.construct(Connection, [options]);
}

interface SocketOptions {
  host: string;
  port: number;
  onConnect(): void;
}

/** Sends a request without content; resolves with the content of the answer. */
function ask(requestTimeout?: number): Promise<unknown> {
  const encode = async () => ({ buf: Buffer.alloc(0), buffer: Buffer.alloc(0) });
  const request = { apiKey: 18, apiVersion: 0, apiName: 'Any', encode };
  const response = { decode: async (raw: Buffer) => raw, parse: async (raw: Buffer) => raw };
  return connection.send({ request, response, requestTimeout });
}

/** The answer to the connection's n-th request, with `content`. */
function answerTo(nth: number, content: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + content.length, 0);
  head.writeInt32BE(nth, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

test('a connection closes if its oldest request gets no answer', async () => {
  await connection.connect();
  await expect(ask()).rejects.toMatchObject({
    name: 'KafkaJSConnectionError',
    message: `Connection error: no answer within ${REQUEST_MS} ms`,
  });
  await eventually(() => expect(connection.isConnected()).toBe(false));
});

test('a request that waits behind a slow JoinGroup times out alone', async () => {
  await connection.connect();
  const joined = ask(JOIN_GROUP_MS);
  await expect(ask()).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError' });
  expect(connection.isConnected()).toBe(true);
  accepted[0]?.write(answerTo(0, 'joined'));
  await expect(joined).resolves.toEqual(Buffer.from('joined'));
});

test('a new connection ignores the half of an answer that the last one got', async () => {
  await connection.connect();
  const lost = ask();
  await eventually(() => expect(requests).toBe(1));
  accepted[0]?.write(answerTo(0, 'lost').subarray(0, 10));
  await expect(lost).rejects.toThrow('no answer');
  await connection.connect();
  const next = ask();
  await eventually(() => expect(requests).toBe(2));
  accepted[1]?.write(answerTo(1, 'next'));
  await expect(next).resolves.toEqual(Buffer.from('next'));
});
