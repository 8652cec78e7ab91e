// 10,000 members come and go on two frontends, one of which is killed twice, and Redis is emptied.
// It takes minutes, so `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/stack/presence.nightly.ts'

import { Redis } from 'ioredis';
import { call, pause, range } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { LightStream } from './light-stream';
import { MemberModel } from './member-model';
import { tokenOf } from './member-tokens';
import { Site } from './site';

const START_MS = 400_000;
const TEST_MS = 600_000;
const MEMBERS = Number(process.env.PRESENCE_MEMBERS ?? 10_000);
const CHANNELS_PER_WATCHER = 50;
const MEMBERS_PER_GET = 100;
const OPENED_AT_ONCE = 25;
const CHURN_MS = 60_000;
const TICK_MS = 50;
/** Members who come or go in a tick. */
const CHANGES = 10;
/** Members of a killed frontend are back within this time. */
const BACK_MS = 15_000;
/** Of the type; a little less, because a busy process reads its clock late. */
const GRACE_MS = 29_500;
/** The grace, a lost worker's lease, and what a busy machine may add. */
const REST_MS = 60_000;

const site = new Site();
const model = new MemberModel(GRACE_MS);
const streams = new Map<string, LightStream>();
const tokens = new Map<string, string>();
const watchers: StreamClient[] = [];
const read = new Map<StreamClient, number>();
let isChurning = true;

// Few partitions: a busy machine needs long to create those of all topics.
beforeAll(() => site.start({ PARTITIONS: '4' }), START_MS);
afterAll(async () => {
  isChurning = false;
  for (const stream of streams.values()) stream.close();
  for (const watcher of watchers) watcher.close();
  await site.end();
}, START_MS);

function memberAt(at: number): string {
  return `member-${at}`;
}

function randomMember(): string {
  return memberAt(Math.floor(Math.random() * MEMBERS));
}

async function open(id: string, at = Math.floor(Math.random() * 2)): Promise<void> {
  const url = site.roles.frontend[at]?.url ?? '';
  const token = tokens.get(id) ?? (await tokenOf(id));
  tokens.set(id, token);
  const stream: LightStream = new LightStream({
    ...{ url, token, channels: ['video:presence'] },
    opened: () => model.opened(id),
    abandoned: () => model.abandoned(id),
    closed() {
      if (streams.get(id) !== stream) {
        model.closed(id);
        return;
      }
      model.lost(id);
      streams.delete(id);
      // A page comes back after its connection was lost.
      if (isChurning) setTimeout(() => void open(id), Math.random() * BACK_MS).unref();
    },
  });
  streams.set(id, stream);
}

function close(id: string): void {
  const stream = streams.get(id);
  streams.delete(id);
  stream?.close();
}

async function watchAll(): Promise<void> {
  const url = site.roles.frontend[0]?.url ?? '';
  for (let from = 0; from < MEMBERS; from += CHANNELS_PER_WATCHER) {
    const channels = range(Math.min(CHANNELS_PER_WATCHER, MEMBERS - from)).map(
      (at) => `member:${memberAt(from + at)}`,
    );
    const watcher = new StreamClient(url, channels, { headers: site.headers });
    await watcher.next('ready');
    watchers.push(watcher);
  }
}

/** Takes over what watchers were sent since the last call. */
function readWatchers(): void {
  for (const watcher of watchers) {
    const from = read.get(watcher) ?? 0;
    for (const { data } of watcher.events.slice(from)) {
      const id = data.channel?.replace(/^member:/, '') ?? '';
      if (typeof data.online === 'boolean') model.shown(id, data.online);
    }
    read.set(watcher, watcher.events.length);
  }
}

async function churn(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    for (let change = 0; change < CHANGES; change++) {
      const id = randomMember();
      if (streams.has(id)) close(id);
      else await open(id);
    }
    readWatchers();
    await pause(TICK_MS);
  }
}

async function killFrontend(): Promise<void> {
  const second = site.roles.frontend[1];
  model.begin('a kill');
  await second?.end('SIGKILL');
  await second?.start();
}

/** The members whose answer to a `GET` is not the true state. */
async function wrongAnswers(): Promise<string[]> {
  const url = site.roles.producer[0]?.url ?? '';
  const wrong: string[] = [];
  for (let from = 0; from < MEMBERS; from += MEMBERS_PER_GET) {
    const ids = range(Math.min(MEMBERS_PER_GET, MEMBERS - from)).map((at) => memberAt(from + at));
    const query = ids.map((id) => `memberId=${id}`).join('&');
    const answer = await call(url, 'GET', `/presence?${query}`, { headers: site.headers });
    const { presence }: { presence: { memberId: string; online: boolean }[] } = JSON.parse(
      answer.text,
    );
    for (const { memberId, online } of presence) {
      if (online !== model.isOnline(memberId)) wrong.push(memberId);
    }
  }
  return wrong;
}

function quantiles(values: readonly number[]): string {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (q: number) => ((sorted[Math.floor(q * (sorted.length - 1))] ?? 0) / 1_000).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} s`;
}

async function commands(redis: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
}

it(
  'members are shown online and offline without ghosts and without flickers',
  async () => {
    const redis = new Redis(site.stack.addresses.redis);
    await watchAll();
    model.begin('the start');
    for (let at = 0; at < MEMBERS; at++) {
      await open(memberAt(at), at % 2);
      if (at % OPENED_AT_ONCE === 0) await pause(TICK_MS / 2);
    }
    await churn(CHURN_MS / 4);
    const before = await commands(redis);
    await churn(CHURN_MS / 4);
    const perMinute = ((await commands(redis)) - before) * 4;
    await Promise.all([killFrontend(), churn(CHURN_MS / 4)]);
    await Promise.all([killFrontend(), churn(CHURN_MS / 4)]);
    // Only Redis has the values of those who were away when the frontend was killed.
    await churn(1.5 * GRACE_MS);
    model.begin('the loss of Redis');
    await redis.flushall();
    await churn(CHURN_MS / 4);
    isChurning = false;
    const restAt = performance.now();
    let wrong: string[] = model.ids;
    while (performance.now() - restAt < REST_MS && wrong.length > 0) {
      await pause(TICK_MS);
      readWatchers();
      wrong = model.wrong();
    }
    const settledMs = performance.now() - restAt;
    const answers = await wrongAnswers();
    process.stdout.write(
      `${MEMBERS} members: ${wrong.length} wrong states at rest, ` +
        `${answers.length} wrong answers, ` +
        `${model.flickers.length} flickers, ${model.late} late, ` +
        `right after ${(settledMs / 1_000).toFixed(1)} s; ` +
        `offline ${quantiles(model.offlineMs)} after the last stream ` +
        `(${model.offlineMs.length} times); ` +
        `${(perMinute / MEMBERS).toFixed(1)} Redis commands a member and minute\n`,
    );
    redis.disconnect();
    expect(wrong).toEqual([]);
    expect(answers).toEqual([]);
    expect(model.flickers).toEqual([]);
  },
  TEST_MS,
);
