import { call, eventually } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { SseReader } from '../end-to-end/sse-reader';
import { StreamClient } from '../end-to-end/stream-client';
import { blocksOf, fileText } from './page';

interface Example {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number;
  readonly answer: string;
}

const EXAMPLES = blocksOf(fileText('docs/protocol.md'))
  .filter(({ language }) => language === 'http')
  .map(({ text }) => exampleIn(text));

function exampleIn(text: string): Example {
  const split = text.indexOf('\n\n');
  const [line = '', body] = text.slice(0, split).split('\n');
  const [method = '', path = ''] = line.split(' ');
  const [status = '', ...answer] = text.slice(split + 2).split('\n');
  return { method, path, body, status: Number(status), answer: answer.join('\n') };
}

/** The same JSON, with fixed values for times and ids that differ in each run. */
function masked(json: unknown): unknown {
  const changing = new Set(['at', 't', 'connectionId']);
  return JSON.parse(
    JSON.stringify(json, (key, value) => (changing.has(key) ? typeof value : value)),
  );
}

function eventsIn(text: string): { name: string; data: unknown; id: string | undefined }[] {
  const events: { name: string; data: unknown; id: string | undefined }[] = [];
  const reader = new SseReader({
    comment: () => undefined,
    retry: () => undefined,
    id: () => undefined,
    event: (name, data, id) => events.push({ name, data: masked(JSON.parse(data)), id }),
  });
  reader.push(`${text}\n`);
  return events;
}

async function checkStream(base: string, { answer, path }: Example): Promise<void> {
  const query = new URL(path, base).searchParams;
  const channels = query.getAll('channel');
  const lastEventId = query.get('lastEventId') ?? '';
  const expected = eventsIn(answer);
  const events = query.has('events') ? `&events=${query.get('events')}` : '';
  const client = new StreamClient(base, channels, { query: `lastEventId=${lastEventId}${events}` });
  try {
    for (const { name } of expected) await client.next(name);
    const sent = client.events.map(({ data, id, name }) => ({ name, data: masked(data), id }));
    expect(sent).toEqual(expected);
    expect(client.retries).toHaveLength(1);
  } finally {
    client.close();
  }
}

async function checkCall(base: string, example: Example): Promise<void> {
  const { answer, body, method, path, status } = example;
  const got = await call(base, method, path, { body });
  expect([path, got.status]).toEqual([path, status]);
  expect(masked(JSON.parse(got.text))).toEqual(masked(JSON.parse(answer)));
}

afterAll(endServers);

it('a new server gives the answers that docs/protocol.md shows, in their order', async () => {
  const server = await Server.start();
  expect(EXAMPLES.length).toBeGreaterThan(6);
  for (const example of EXAMPLES) {
    if (example.path.startsWith('/stream')) await checkStream(server.url, example);
    // A GET may be some milliseconds behind a POST.
    else if (example.method === 'GET') await eventually(() => checkCall(server.url, example));
    else await checkCall(server.url, example);
  }
});
