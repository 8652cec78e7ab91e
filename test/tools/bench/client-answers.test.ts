import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '../../../tools/bench/client';
import { Crew } from '../../../tools/bench/crew';
import { eventually } from '../../end-to-end/api';

const crew = new Crew();

afterAll(() => crew.endAll());

/** A server that holds its answers until `release`. */
async function holding() {
  const held: ServerResponse[] = [];
  let isHeld = true;
  const server = createServer((req, res) => {
    req.resume();
    if (isHeld) held.push(res);
    else res.writeHead(201).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const release = (): void => {
    isHeld = false;
    for (const res of held) res.writeHead(201).end('{}');
  };
  const end = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { end, held, port, release };
}

test('an answer is late by the time for which its post waited for a free connection', async () => {
  const { end, held, port, release } = await holding();
  const post = { port, path: '/', body: '{}', connections: 1 };
  const client = new Client(crew, { viewers: 0, target: { port, path: '/', post } });
  client.rate(100);
  await eventually(async () => expect(held).toHaveLength(1));
  const from = Date.now();
  await eventually(async () => expect(Date.now() - from).toBeGreaterThan(500));
  release();
  const late: number[] = [];
  await eventually(async () => {
    for (const [us, times] of (await client.mark()).answers) {
      if (us > 100_000) late.push(...new Array<number>(times).fill(us));
    }
    // One post was sent before; of those that waited, 40 were due more than 0.1 s before.
    expect(late.length).toBeGreaterThan(20);
  });
  expect(Math.max(...late)).toBeLessThan(60_000_000);
  await client.end();
  end();
});
