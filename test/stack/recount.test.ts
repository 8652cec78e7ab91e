import { Kafka, logLevel } from 'kafkajs';
import { producerOf } from '../../adapters/kafka/client/client';
import { openRedis } from '../../adapters/redis/client';
import { redisServer } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import { EventTypes } from '../../schemas/event-types';
import { likes as likesType } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { cutLogs } from '../../tools/chaos/log-tail';
import { freshId } from '../contract/time';
import { eventually, post, range, tapId } from '../end-to-end/api';
import { StreamClient, type StreamOptions } from '../end-to-end/stream-client';
import { expectCommitted } from './committed';
import { KEYS } from './keys';
import { runOperatorProgram } from './operator-program';
import type { Role } from './role-process';
import { saveWrongState, truncateStates } from './saved-states';
import { Site } from './site';
import { SteadyLikes } from './steady-likes';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;
const TEST_MS = 240_000;
const REST_MS = 60_000;
const SEEN_MS = 1_000;

/** The roles that a drain and a recount concern; viewers stay connected to the frontends. */
const SERVING: readonly Role[] = ['producer', 'dispatcher'];

const names = new Names();
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

/** Runs a program; resolves with its output, and rejects if the program fails. */
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

/** Makes the saved and the cached state of the first log wrong; resolves with the difference. */
async function spoil(channel: string): Promise<number> {
  const more = 7;
  const { addresses } = site.stack;
  const { state, version } = await saveWrongState(
    addresses.cassandra,
    channel,
    'dc1.1',
    (right) => ({ ...right, love: more }),
  );
  const redis = openRedis(redisServer(addresses.redis));
  try {
    await redis.whenReady();
    const cache = new RedisCache(redis, new EventTypes([likesType]), names, KEYS);
    await cache.put(new Map([[channel, { likes: { 'dc1.1': { version, state } } }]]));
  } finally {
    redis.close();
  }
  return more;
}

/** Appends a record as a producer would that was halted before the drain and resumed after it. */
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
    await expect(appendTo(names.topic('likes', 1))).rejects.toThrow(/larger/);
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
  'the next log has 36 partitions, and totals are sums over both logs',
  async () => {
    await site.endRoles(SERVING);
    await site.startRoles(SERVING, { LOG_GENERATION: '2', PARTITIONS: '36' });
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
    const ends = await admin.fetchTopicOffsets(names.topic('likes', 2));
    await admin.disconnect();
    expect(ends).toHaveLength(36);
    // The first log has these ids too, so the owners of the second log cancel their copies.
    await likes.again();
    await expectExact();
  },
  TEST_MS,
);

test(
  'a recount corrects a wrong state, and viewers get one event with the difference',
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
    const output = await succeed('recount', 2, '--channel', `video:${video}`);
    expect(output).toMatch(new RegExp(`likes of video:${video} \\d+ → \\d+`));
    expect(output).toContain('dc1.1 likes: 1 of 1 channels changed');
    expect(output).toContain('dc1.2 likes: 0 of 1 channels changed');
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
  'a recount rebuilds an emptied table of states, and a second one changes nothing',
  async () => {
    await likes.once();
    await succeed('drain', 3);
    await site.endRoles(SERVING);
    await truncateStates(site.stack.addresses.cassandra);
    expect(await succeed('recount', 3)).toMatch(/dc1\.3 likes: 12 of 12 channels changed/);
    const again = await succeed('recount', 3);
    expect(again.match(/ likes: 0 of \d+ channels changed/g)).toHaveLength(3);
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
    await eventually(() => expectCommitted(site, 'dc1.4', 'likes'), REST_MS);
    await site.stack.kill('kafka', 'SIGKILL');
    cutLogs(site.folderOf('kafka'), names.topic('likes', 4));
    const lastWords = site.roles.dispatcher.map((one) => one.lastWords());
    await site.stack.start('kafka');
    for (const line of await Promise.all(lastWords)) expect(line).toMatch(/has lost records/);
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
