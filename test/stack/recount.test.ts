import { Kafka, logLevel } from 'kafkajs';
import { CassandraStates } from '../../dispatchers/cassandra-states';
import { RedisCache } from '../../dispatchers/redis-cache';
import { KEYSPACE } from '../../roles/set-up';
import { openCassandra } from '../../runtime/cassandra';
import { LimitedSession } from '../../runtime/cassandra-session';
import { systemClock } from '../../runtime/clock';
import { producerOf } from '../../runtime/kafka';
import { openRedis, whenReady } from '../../runtime/redis';
import { groupOf } from '../../schemas/topics';
import { cutLogs } from '../chaos/log-tail';
import { freshId } from '../contract/time';
import { eventually, post, range, tapId } from '../end-to-end/api';
import { StreamClient, type StreamOptions } from '../end-to-end/stream-client';
import { runOperatorProgram } from './operator-program';
import type { Role } from './role-process';
import { Site } from './site';
import { SteadyLikes } from './steady-likes';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;
const TEST_MS = 240_000;
const REST_MS = 60_000;
const SEEN_MS = 1_000;

/** The roles that a drain and a recount concern; viewers stay connected to the frontends. */
const SERVING: readonly Role[] = ['producer', 'dispatcher'];

const site = new Site();
const videos = range(12).map(() => freshId('video'));
const likes = new SteadyLikes(site, videos);
const viewers: StreamClient[] = [];

beforeAll(async () => {
  await site.start();
  for (const [at, video] of videos.entries()) viewers.push(viewerOf(video, at % 2));
}, START_MS);

afterAll(async () => {
  for (const viewer of viewers) viewer.close();
  await site.end();
}, START_MS);

function viewerOf(video: string, frontend: number, options: StreamOptions = {}): StreamClient {
  return new StreamClient(site.roles.frontend[frontend]?.url ?? '', [`video:${video}`], {
    query: `access_token=${site.token}`,
    reconnects: true,
    maySeeDoubles: true,
    ...options,
  });
}

const run = (name: 'drain' | 'recount', generation: number, ...args: string[]) =>
  runOperatorProgram(name, args, {
    ...site.serverSettings,
    LOG_GENERATION: String(generation),
  });

/** Runs a program that has to succeed; resolves with what it wrote. */
async function succeed(...args: Parameters<typeof run>): Promise<string> {
  const { code, output } = await run(...args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** At rest: the answered ids are the rows, their number the total, and each viewer's last total. */
async function expectExact(): Promise<void> {
  await eventually(async () => {
    for (const [at, video] of videos.entries()) {
      const answered = likes.answered.get(video) ?? new Set();
      const rows = await site.rows(video);
      expect([...answered].filter((likeId) => !rows.has(likeId))).toEqual([]);
      expect(rows.size).toBe(answered.size);
      expect(await site.total(video)).toBe(answered.size);
      expect(viewers[at]?.total(`video:${video}`)).toBe(answered.size);
      expect(viewers[at]?.faults).toEqual([]);
    }
  }, REST_MS);
}

function likeOne(): Promise<{ status: number; text: string }> {
  const url = site.roles.producer[1]?.url ?? '';
  return post(url, 'alone', { likeId: tapId() }, { headers: site.headers });
}

async function withStore(
  task: (store: { session: LimitedSession; cache: RedisCache }) => Promise<void>,
) {
  const { addresses } = site.stack;
  const cassandra = openCassandra({
    contactPoints: [addresses.cassandra],
    localDatacenter: 'datacenter1',
  });
  const redis = openRedis(addresses.redis);
  try {
    await cassandra.connect();
    await cassandra.execute(`USE ${KEYSPACE}`);
    await whenReady(redis);
    await task({
      session: new LimitedSession(cassandra, systemClock),
      cache: new RedisCache(redis),
    });
  } finally {
    await cassandra.shutdown();
    redis.disconnect();
  }
}

/** Makes the saved and the cached state of the first log wrong; resolves with the difference. */
async function spoil(channel: string): Promise<number> {
  const more = 7;
  await withStore(async ({ cache, session }) => {
    const states = new CassandraStates(session);
    const all = await states.load([channel]);
    const first = all.find(({ origin }) => origin === 'dc1.1');
    if (!first) throw new Error(`${channel} has no state of dc1.1`);
    const version = first.version + 1;
    const counts = { ...first.counts, love: more };
    await states.save([{ ...first, version, counts }]);
    await cache.put(new Map([[channel, { 'dc1.1': { version, counts } }]]));
  });
  return more;
}

/** Appends as a producer does that was halted before the drain. */
async function appendTo(topic: string): Promise<void> {
  const brokers = [site.stack.addresses.kafka];
  const producer = producerOf(new Kafka({ brokers, logLevel: logLevel.NOTHING }));
  await producer.connect();
  try {
    const messages = [{ partition: 0, key: 'video:late', value: 'late' }];
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

/** The group has committed that all records of a log are counted. */
async function expectCommitted(origin: string, topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: [site.stack.addresses.kafka], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [committed] = await admin.fetchOffsets({ groupId: groupOf(origin), topics: [topic] });
    const counted = (committed?.partitions ?? []).map(
      ({ metadata, partition }): [number, number] => {
        return [partition, metadata ? JSON.parse(metadata).counted : 0];
      },
    );
    const ends = await admin.fetchTopicOffsets(topic);
    const high = ends.map(({ high, partition }): [number, number] => [partition, Number(high)]);
    expect(new Map(counted)).toEqual(new Map(high));
  } finally {
    await admin.disconnect();
  }
}

test(
  'a drain stops the producers, can be undone, and ends with all likes counted',
  async () => {
    likes.start();
    await succeed('drain', 1);
    expect(await likeOne()).toMatchObject({
      status: 503,
      text: expect.stringContaining('log_refused'),
    });
    await succeed('drain', 1, '--undo');
    await eventually(async () => expect(await likeOne()).toMatchObject({ status: 201 }), SEEN_MS);
    expect(await run('recount', 1)).toMatchObject({
      code: 1,
      output: expect.stringContaining('npm run drain'),
    });
    expect(await succeed('drain', 1)).toContain('LOG_GENERATION=2');
    expect(likes.problems).toContain('503 log_refused');
    await expect(appendTo('likes')).rejects.toThrow(/larger/);
  },
  TEST_MS,
);

test(
  'a recount is refused while producers and dispatchers run',
  async () => {
    const refused = await run('recount', 1);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('ROLE=producer') });
    expect(refused.output).toContain('ROLE=dispatcher');
  },
  TEST_MS,
);

test(
  'the next log has 24 partitions, and totals go on over both',
  async () => {
    await site.endRoles(SERVING);
    await site.startRoles(SERVING, { LOG_GENERATION: '2', PARTITIONS: '24' });
    await expect(site.startRoles(['producer'], { LOG_GENERATION: '1' })).rejects.toThrow(
      /LOG_GENERATION=2/,
    );
    await likes.once();
    await likes.stop();
    const admin = new Kafka({
      brokers: [site.stack.addresses.kafka],
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets('likes.2');
    await admin.disconnect();
    expect(ends).toHaveLength(24);
    // The first log has these; the second one's owners withdraw their copies.
    await likes.again();
    await expectExact();
  },
  TEST_MS,
);

test(
  'a recount mends a wrong state, and viewers get one event with the difference',
  async () => {
    const [video = ''] = videos;
    const total = likes.answered.get(video)?.size ?? 0;
    const wrong = total + (await spoil(`video:${video}`));
    const viewer = viewerOf(video, 1);
    await eventually(() => expect(viewer.total(`video:${video}`)).toBe(wrong), REST_MS);
    await viewers[0]?.next('likes', ({ data }) => data.total === wrong, REST_MS);
    const { lastEventId, totals } = viewer;
    viewer.close();
    await succeed('drain', 2);
    await site.endRoles(SERVING);
    const output = await succeed('recount', 2, '--video', video);
    expect(output).toMatch(new RegExp(`video:${video} \\d+ → \\d+`));
    expect(output).toContain('dc1.1: 1 of 1 videos changed');
    expect(output).toContain('dc1.2: 0 of 1 videos changed');
    await site.startRoles(SERVING, { LOG_GENERATION: '3' });
    await expectExact();
    const corrections = viewers[0]?.all('likes').filter(({ data }) => (data.new ?? 0) < 0);
    expect(corrections).toMatchObject([{ data: { new: total - wrong, total } }]);
    const returning = viewerOf(video, 0, { lastEventId, totals });
    const { data } = await returning.next('likes');
    expect(data).toMatchObject({ new: total - wrong, total });
    expect(returning.all('snapshot')).toEqual([]);
    returning.close();
  },
  TEST_MS,
);

test(
  'a destroyed table of states is rebuilt, and a recount of what is right changes nothing',
  async () => {
    await likes.once();
    await succeed('drain', 3);
    await site.endRoles(SERVING);
    await withStore(async ({ session }) => {
      await session.execute('TRUNCATE states', []);
    });
    expect(await succeed('recount', 3)).toMatch(/dc1\.3: 12 of 12 videos changed/);
    const again = await succeed('recount', 3);
    expect(again.match(/: 0 of \d+ videos changed/g)).toHaveLength(3);
    await site.startRoles(SERVING, { LOG_GENERATION: '4' });
    await expectExact();
    await likes.once();
    await expectExact();
  },
  TEST_MS,
);

test(
  'after the log has lost its tail, --log-lost makes answered, rows and totals equal',
  async () => {
    await eventually(() => expectCommitted('dc1.4', 'likes.4'), REST_MS);
    await site.stack.kill('kafka', 'SIGKILL');
    cutLogs(site.folderOf('kafka'), 'likes.4');
    const words = site.roles.dispatcher.map((one) => one.lastWords());
    await site.stack.start('kafka');
    for (const said of await Promise.all(words)) expect(said).toMatch(/has lost records/);
    await site.endRoles(SERVING);
    await succeed('recount', 4, '--log-lost');
    await expect(site.startRoles(['dispatcher'], { LOG_GENERATION: '4' })).rejects.toThrow(
      /LOG_GENERATION=5/,
    );
    await site.startRoles(SERVING, { LOG_GENERATION: '5' });
    await expectExact();
    await likes.once();
    await expectExact();
  },
  TEST_MS,
);
