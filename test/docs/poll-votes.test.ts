import { SignJWT } from 'jose';
import { type Answer, call, eventually, problemIn } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { SseReader } from '../end-to-end/sse-reader';
import { Site } from '../stack/site';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;
const TEST_MS = 60_000;

const SECRET = 'a secret that only the test and the server know';
const SETTINGS = { EVENT_TYPES: 'docs/examples/poll-votes.js', JWT_SECRET: SECRET };
const OPTIONS = { ann: 'tea', bob: 'coffee', cem: 'tea' };

/** Where members vote, and where viewers watch. */
interface Urls {
  readonly producer: string;
  readonly frontend: string;
}

interface SeenEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id: string | undefined;
}

async function headersOf(member: string): Promise<{ Authorization: string }> {
  const token = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(member);
  const signed = token.setExpirationTime('1h').sign(Buffer.from(SECRET));
  return { Authorization: `Bearer ${await signed}` };
}

async function vote(producer: string, member: string, body: unknown): Promise<Answer> {
  const headers = await headersOf(member);
  return call(producer, 'POST', '/videos/42/poll-votes', { body, headers });
}

async function resultOf(producer: string): Promise<unknown> {
  const headers = await headersOf('ann');
  return JSON.parse((await call(producer, 'GET', '/videos/42/poll-votes', { headers })).text);
}

/** A viewer of `video:42`, with all events that it was sent. */
class PollViewer {
  readonly events: SeenEvent[] = [];
  private readonly ending = new AbortController();
  private reading: Promise<void> = Promise.resolve();

  async open(frontend: string, query = ''): Promise<void> {
    const answer = await fetch(`${frontend}/stream?channel=video:42${query}`, {
      headers: await headersOf('viewer'),
      signal: this.ending.signal,
    });
    expect(answer.status).toBe(200);
    this.reading = this.read(answer);
  }

  /** Resolves with the last event of a name, once it has these data. */
  last(name: string, data: object, ms?: number): Promise<SeenEvent> {
    return eventually(() => {
      const last = this.events.findLast((event) => event.name === name);
      expect(last?.data).toMatchObject({ channel: 'video:42', ...data });
      return last as SeenEvent;
    }, ms);
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.reading;
  }

  private async read({ body }: Response): Promise<void> {
    const reader = new SseReader({
      comment: () => undefined,
      retry: () => undefined,
      id: () => undefined,
      event: (name, data, id) => this.events.push({ name, data: JSON.parse(data), id }),
    });
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body ?? []) reader.push(decoder.decode(chunk, { stream: true }));
    } catch (error) {
      if (!this.ending.signal.aborted) throw error;
    }
  }
}

/** Votes and watches as an application would; the videos and the polls are new. */
async function votesReachViewers({ frontend, producer }: Urls): Promise<void> {
  const viewer = new PollViewer();
  await viewer.open(frontend);
  const nothing = { total: 0, reactions: {}, votes: 0, options: {} };
  await viewer.last('snapshot', nothing, START_MS);

  for (const [member, option] of Object.entries(OPTIONS)) {
    const answer = await vote(producer, member, { option });
    expect(answer.status).toBe(201);
    const place = expect.stringMatching(/^dc1\.1@\d+$/);
    const first = { memberId: member, videoId: '42', option, at: expect.any(Number), place };
    expect(JSON.parse(answer.text)).toEqual(first);
  }
  const [before, again] = [
    await vote(producer, 'ann', { option: 'tea' }),
    await vote(producer, 'ann', { option: 'coffee' }),
  ];
  expect([before.status, again.status]).toEqual([200, 200]);
  expect(JSON.parse(again.text)).toMatchObject({ memberId: 'ann', option: 'tea' });
  expect(again.text).toBe(before.text);

  const counted = { votes: 3, options: { tea: 2, coffee: 1 } };
  const { id } = await viewer.last('poll-votes', counted);
  const news = viewer.events.filter(({ name }) => name === 'poll-votes');
  expect(news.reduce((sum, { data }) => sum + Number(data.new), 0)).toBe(3);
  expect(viewer.events.filter(({ name }) => name === 'snapshot')).toHaveLength(1);
  await eventually(async () => {
    expect(await resultOf(producer)).toMatchObject({ videoId: '42', ...counted });
  });
  await viewer.close();

  await laterViewers({ frontend, producer }, counted, id ?? '');
}

/** A new viewer is sent all; one that returns is sent only what it has not seen. */
async function laterViewers(urls: Urls, counted: object, id: string): Promise<void> {
  const { frontend, producer } = urls;
  const [late, votesOnly, returned] = [new PollViewer(), new PollViewer(), new PollViewer()];
  await late.open(frontend);
  const { data } = await late.last('snapshot', { total: 0, reactions: {}, ...counted });
  expect(data).toHaveProperty(['seen', 'poll-votes'], expect.stringMatching(/^dc1\.1@\d+$/));
  await votesOnly.open(frontend, '&events=poll-votes');
  expect((await votesOnly.last('snapshot', counted)).data).not.toHaveProperty('reactions');
  await returned.open(frontend, `&lastEventId=${encodeURIComponent(id)}`);
  await vote(producer, 'eve', { option: 'tea' });
  await returned.last('poll-votes', { votes: 4, new: 1, options: { tea: 3, coffee: 1 } });
  const names = returned.events.map(({ name }) => name);
  expect(names.filter((name) => name !== 'viewers')).toEqual(['ready', 'poll-votes']);
  await Promise.all([late.close(), votesOnly.close(), returned.close()]);
}

async function wrongVotesAreRefused(producer: string): Promise<void> {
  const wrong = [
    {},
    { option: 'Tea' },
    { option: 'constructor' },
    { option: 'tea', memberId: 'x' },
  ];
  for (const body of wrong) {
    const answer = await vote(producer, 'dan', body);
    expect([body, answer.status, problemIn(answer).code]).toEqual([body, 400, 'invalid_body']);
  }
  const listed = await vote(producer, 'dan', { 'poll-votes': [{ option: 'tea' }] });
  expect(listed.status).toBe(400);
}

describe.each([
  ['one process', {}],
  ['two workers', { WORKERS: '2' }],
])('poll-votes.js, embedded with %s', (_, more) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ env: { ...SETTINGS, ...more } });
  });
  afterAll(endServers);

  it(
    'counts one vote a member, and shows it to viewers beside likes',
    () => votesReachViewers({ producer: server.url, frontend: server.url }),
    TEST_MS,
  );

  it('refuses wrong votes', () => wrongVotesAreRefused(server.url));
});

test('a module that is missing ends the start with one line', async () => {
  const { code, stderr } = await Server.startInVain({ env: { EVENT_TYPES: 'no-such-type.js' } });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^likestream: EVENT_TYPES: no-such-type\.js: Cannot find module [^\n]*\n$/,
  );
});

describe('poll-votes.js on Kafka, Cassandra and Redis', () => {
  const site = new Site();
  beforeAll(() => site.start(SETTINGS), START_MS);
  afterAll(() => site.end(), START_MS);

  it(
    'counts one vote a member, and shows it to viewers beside likes',
    () =>
      votesReachViewers({
        producer: site.roles.producer[0]?.url ?? '',
        frontend: site.roles.frontend[1]?.url ?? '',
      }),
    TEST_MS,
  );
});
