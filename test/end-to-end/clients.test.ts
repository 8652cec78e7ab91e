import { post, range } from './api';
import { fetchReads, OutsideClient, programReads, type Read } from './outside-client';
import { endServers, Server } from './server';

// Plain JavaScript, because it also runs before anything is compiled.
const { findPython }: { findPython(): string | undefined } = require('../install-tools');

const LIKES = 5;
const PYTHON = findPython();

/** A program in Python that writes the blocks which an expression over `answer` yields. */
function pythonReads(python: string, blocks: string): Read {
  const program = [
    'import sys, requests',
    'answer = requests.get(sys.argv[1], stream=True)',
    `for block in ${blocks}:`,
    '    sys.stdout.buffer.write(block)',
    '    sys.stdout.buffer.flush()',
  ].join('\n');
  return programReads(python, (url) => ['-c', program, url]);
}

const reads: [string, Read][] = [
  ['curl', programReads('curl', (url) => ['--no-buffer', '--silent', '--show-error', url])],
  ["Node's fetch", fetchReads],
];
if (PYTHON) {
  reads.push(
    [
      "Python's requests, by line",
      pythonReads(PYTHON, "(l + b'\\n' for l in answer.iter_lines())"),
    ],
    ["Python's requests, by block", pythonReads(PYTHON, 'answer.iter_content(1024)')],
  );
} else {
  it.skip("Python's requests: not installed (`apt-get install python3-requests`)", () => undefined);
}

let server: Server;
const clients: OutsideClient[] = [];
beforeEach(async () => {
  server = await Server.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await endServers();
});

async function watch(read: Read): Promise<OutsideClient> {
  const client = new OutsideClient(read, `${server.url}/stream?channel=video:42`);
  clients.push(client);
  await client.started();
  return client;
}

describe.each(reads)('%s', (_, read) => {
  it('reads each event at once, before the next one is sent', async () => {
    const client = await watch(read);
    for (const at of range(LIKES)) {
      await post(server.url, '42', {});
      await client.reads('likes', at + 1);
      expect(client.isOver).toBe(false);
    }
    expect(client.events.filter(({ name }) => name === 'likes')).toHaveLength(LIKES);
  });

  it('sees that a stream was ended on purpose, after its last event', async () => {
    const client = await watch(read);
    await server.stop();
    await client.ended;
    await client.reads('bye');
  });
});

// Node's fetch takes the end of a connection without keep-alive for the end of the stream.
describe.each(reads.filter(([, read]) => read !== fetchReads))('%s', (_, read) => {
  it('sees that a stream was cut', async () => {
    const client = await watch(read);
    await server.kill();
    await expect(client.ended).rejects.toThrow();
  });
});
