// 1,000 viewers come and go on two frontends, while a frontend is killed, Redis goes back to an
// older copy, and Redis is emptied. It takes minutes, so `npm test` leaves it out and .ci/nightly
// runs it:
//   npx jest --testMatch '<rootDir>/test/stack/viewer-counts.nightly.ts'

import { Redis } from 'ioredis';
import { call, pause } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { CountRecord } from './count-record';
import { LightStream } from './light-stream';
import { tokenOf } from './member-tokens';
import { RedisCopy } from './redis-copy';
import { Site } from './site';

const START_MS = 400_000;
const TEST_MS = 400_000;
const VIEWERS = 1_000;
/** Fewer than the viewers: some come back as the same member. */
const MEMBERS = 600;
const CHANGE_EVERY_MS = 20;
const SAMPLE_MS = 50;
/** The number must be right for so long to be taken for right. */
const STAYS_MS = 4_000;
const CLOSED_AT_ONCE = 40;
const CHURN_MS = 60_000;
const STANDS_MS = 10_000;
/** The contract: right this long after the last change, a kill, and Redis being back. */
const RIGHT_MS = { change: 2_000, kill: 8_000, redis: 12_000 };
/** What a busy machine may add. */
const SLACK_MS = 8_000;
/** The standard error of `unique` is 1 %; this is four of them. */
const UNIQUE_ERROR = 0.04;

const VIDEO = 'crowd';
const site = new Site();
const record = new CountRecord();
const seen = new Set<string>();
const tokens = new Map<string, string>();
const streams = new Set<LightStream>();
let observers: StreamClient[] = [];

// Few partitions: a busy machine needs long to create those of all topics.
beforeAll(() => site.start({ PARTITIONS: '4' }), START_MS);
afterAll(async () => {
  for (const stream of streams) stream.close();
  for (const observer of observers) observer.close();
  await site.end();
}, START_MS);

function say(what: string, ms?: number): void {
  const took = ms === undefined ? '' : ` right after ${(ms / 1_000).toFixed(1)} s;`;
  const { largestAgeMs, largestError } = record;
  const age = (largestAgeMs / 1_000).toFixed(1);
  process.stdout.write(`${what}:${took} largest error ${largestError}, oldest ${age} s\n`);
  record.restart();
}

async function open(url: string): Promise<void> {
  const member = `m${Math.floor(Math.random() * MEMBERS)}`;
  const token = tokens.get(member) ?? (await tokenOf(member));
  tokens.set(member, token);
  const stream: LightStream = new LightStream({
    ...{ url, token, channels: [`video:${VIDEO}`] },
    opened() {
      seen.add(member);
      record.add(1);
    },
    closed() {
      streams.delete(stream);
      record.add(-1);
    },
  });
  streams.add(stream);
}

function shown(observer: StreamClient): number | undefined {
  const last = observer.events.findLast(({ data }) => typeof data.viewers === 'number');
  return last === undefined ? undefined : Number(last.data.viewers);
}

/** Opens and closes viewers at random for some time, around half of `VIEWERS`. */
async function churn(ms: number): Promise<void> {
  const until = performance.now() + ms;
  let sampleAt = 0;
  while (performance.now() < until) {
    const { frontend } = site.roles;
    const url = frontend[Math.floor(Math.random() * frontend.length)]?.url ?? '';
    const [stream] = streams;
    if (Math.random() * VIEWERS > streams.size || !stream) await open(url);
    else stream.close();
    if (performance.now() > sampleAt) {
      for (const observer of observers) record.compare(shown(observer) ?? 0);
      sampleAt = performance.now() + SAMPLE_MS;
    }
    await pause(CHANGE_EVERY_MS);
  }
}

/**
 * Watches all observers until they have shown the true number for some time; resolves with the time
 * until a number was wrong last, ms. What is shown meanwhile counts in the record.
 */
async function untilRight(mostMs: number): Promise<number> {
  const from = performance.now();
  let wrongMs = 0;
  for (;;) {
    const numbers = observers.filter(({ ended }) => !ended).map((each) => shown(each) ?? 0);
    const now = performance.now() - from;
    for (const number of numbers) record.compare(number);
    if (numbers.some((number) => number !== record.value)) wrongMs = now;
    if (now - wrongMs > STAYS_MS && now > mostMs) return wrongMs;
    if (wrongMs > mostMs + SLACK_MS) {
      throw new Error(`${numbers.join()} are shown, ${record.value} are open`);
    }
    await pause(SAMPLE_MS);
  }
}

/** Closes some viewers at once. */
function closeSome(): void {
  for (const stream of [...streams].slice(0, CLOSED_AT_ONCE)) stream.close();
}

/** Observers are viewers, too. */
async function observe(): Promise<void> {
  for (const observer of observers) observer.close();
  observers = site.roles.frontend.map(
    ({ url }) => new StreamClient(url, [`video:${VIDEO}`], { headers: site.headers }),
  );
  for (const observer of observers) {
    await observer.next('ready');
    record.add(1);
  }
  seen.add('ann');
}

it(
  'the number of viewers is right soon after each change and fault',
  async () => {
    await observe();
    for (let at = 0; at < VIEWERS / 2; at++) {
      await open(site.roles.frontend[at % 2]?.url ?? '');
      if (at % 20 === 0) await pause(CHANGE_EVERY_MS);
    }
    say('opening 500', await untilRight(RIGHT_MS.change));
    await churn(CHURN_MS);
    say('coming and going for 60 s', await untilRight(RIGHT_MS.change));

    const [, second] = site.roles.frontend;
    await second?.end('SIGKILL');
    record.add(-1);
    say('a frontend was killed', await untilRight(RIGHT_MS.kill));
    await second?.start();
    await observe();
    record.add(-1);
    await churn(CHURN_MS / 4);
    await untilRight(RIGHT_MS.change);
    record.restart();

    const copy = new RedisCopy(site.folderOf('redis'));
    await churn(CHURN_MS / 4);
    await copy.restore(site.stack);
    closeSome();
    say('Redis went back to an older copy', await untilRight(RIGHT_MS.redis));
    await churn(CHURN_MS / 4);
    await untilRight(RIGHT_MS.change);
    record.restart();

    const redis = new Redis(site.stack.addresses.redis);
    await redis.flushall();
    redis.disconnect();
    closeSome();
    say('Redis was emptied', await untilRight(RIGHT_MS.redis));
    await churn(CHURN_MS / 4);
    say('afterwards', await untilRight(RIGHT_MS.change));
    await expectAnswer();
  },
  TEST_MS,
);

/** `unique` is reported once a minute at most. */
async function expectAnswer(): Promise<void> {
  const url = site.roles.producer[0]?.url ?? '';
  const read = async (): Promise<{ viewers: number; peak: number; unique: number }> => {
    const answer = await call(url, 'GET', `/videos/${VIDEO}/viewers`, { headers: site.headers });
    return JSON.parse(answer.text);
  };
  const isNear = (unique: number): boolean =>
    Math.abs(unique - seen.size) <= Math.max(2, UNIQUE_ERROR * seen.size);
  let answer = await read();
  for (let tries = 0; !isNear(answer.unique) && tries < 90; tries++) {
    await pause(1_000);
    answer = await read();
  }
  const peak = record.greatestStanding(STANDS_MS);
  process.stdout.write(
    `viewers ${answer.viewers} (${record.value}), ` +
      `unique ${answer.unique} (${seen.size}), peak ${answer.peak} (${peak})\n`,
  );
  expect(answer.viewers).toBe(record.value);
  expect(isNear(answer.unique)).toBe(true);
  // A level is measured from its reports, at most one a second.
  expect(Math.abs(answer.peak - peak)).toBeLessThanOrEqual(0.05 * peak);
}
