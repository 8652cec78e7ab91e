import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { call } from '../../test/end-to-end/api';
import { videosOfAllPartitions } from '../../test/stack/partition-videos';
import type { RoleProcess } from '../../test/stack/role-process';
import type { Site } from '../../test/stack/site';
import { Api } from '../load/api';
import { cutLogs } from './log-tail';
import { newLike } from './side-load';

const POSTS_A_VIDEO = 20;
const LIKES_A_POST = 5;
const POST_AGAIN_AFTER_MS = 500;
const POST_WITHIN_MS = 60_000;
/** Producers may have ended, too; then posts get no answer. */
const POST_AFTER_LOSS_WITHIN_MS = 15_000;
/** A restarted broker answers before it leads its partitions. */
const LEADER_WITHIN_MS = 30_000;
const COMMIT_WITHIN_MS = 30_000;
const REFUSE_WITHIN_MS = 30_000;
const LOOK_MS = 250;
const NAMES = new Names();
const GROUP = NAMES.group('dc1.1', likes.name);
const TOPIC = NAMES.topic(likes.name, 1);
const COMMITS_TOPIC = '__consumer_offsets';
const NOTHING_LEFT = 0;
const MAX_LINE_CHARS = 600;

/** A line about the loss matches this. */
const LOST = /log_mismatch|LOG_GENERATION|log-lost|lost/;

/** How one dispatcher reacted to the log that had lost its end. */
export interface Refusal {
  readonly who: string;
  /** Seconds until it ended or was not ready; the whole wait if it did neither. */
  readonly after: number;
  /** Whether it ended or is not ready. */
  readonly isStopped: boolean;
  /** Its line about the loss; empty if it wrote none. */
  readonly line: string;
}

/** The outcome of the run. */
export interface TailLost {
  /** The number of records that the log lost. */
  readonly lost: number;
  /** Likes that were answered 2xx before and after the loss. */
  readonly answered: number;
  /** The sum of all totals at the end; undefined if no producer runs. */
  readonly total: number | undefined;
  readonly refusals: readonly Refusal[];
}

/**
 * Cuts the log while Kafka is down; reports on the running dispatchers, then on new ones. If the
 * committed positions are lost, too, only the saved states show the loss; then no dispatcher runs
 * meanwhile, because one that runs remembers what it has read.
 */
export async function loseTail(
  site: Site,
  say: (line: string) => void,
  losesCommits = false,
): Promise<TailLost> {
  const admin = new Kafka({
    brokers: [site.stack.addresses.kafka],
    logLevel: logLevel.NOTHING,
  }).admin();
  const clients = new Clients(site);
  try {
    await admin.connect();
    say('posting likes on every partition, until their positions are committed');
    await clients.post(POST_WITHIN_MS);
    await committed(admin);
    const before = await endOf(admin);
    if (losesCommits) await Promise.all(site.roles.dispatcher.map((one) => one.end('SIGKILL')));
    await site.stack.kill('kafka', 'SIGKILL');
    const marks = site.roles.dispatcher.map(({ output }) => output.length);
    cutLogs(site.folderOf('kafka'), TOPIC);
    if (losesCommits) cutLogs(site.folderOf('kafka'), COMMITS_TOPIC, NOTHING_LEFT);
    await site.stack.start('kafka');
    const lost = before - (await endOf(admin));
    say(`Kafka is back without its last ${lost} records`);
    const running = losesCommits ? [] : await refusals(site, 'running', marks);
    if (!losesCommits) {
      say('posting more than was lost, then starting both dispatchers again');
      await clients.post(POST_AFTER_LOSS_WITHIN_MS);
    }
    const restarted = await restart(site);
    const total = await clients.total().catch(() => undefined);
    return { lost, answered: clients.answered, total, refusals: [...running, ...restarted] };
  } finally {
    await clients.close();
    await admin.disconnect();
  }
}

/** Whether records were lost, and every dispatcher stopped and logged the reason. */
export function hasRefused({ lost, refusals }: TailLost): boolean {
  const areLoud = refusals.every(({ isStopped, line }) => isStopped && line !== '');
  return lost > 0 && refusals.length > 0 && areLoud;
}

/** A table of the dispatchers' reactions, and each line about the loss once. */
export function refusalsOf(outcome: TailLost): string {
  const { answered, lost, refusals: all, total } = outcome;
  const width = Math.max(...all.map(({ who }) => who.length));
  const rows = all.map(({ after, isStopped, line, who }) => {
    const held = isStopped && line !== '' ? 'yes' : 'NO';
    const did = isStopped ? 'stopped' : 'still runs';
    return [who.padEnd(width), `${after.toFixed(1)} s`.padStart(8), did, held].join('  ');
  });
  const head = ['log cut at its end'.padEnd(width), '   after', 'did    ', 'reason logged'];
  return [
    ...[head.join('  '), ...rows, ''],
    ...[...new Set(all.map(({ line }) => line))].filter((line) => line !== ''),
    `${lost} records lost; ${answered} likes answered, ` +
      (total === undefined ? 'no producer runs, so no total' : `total ${total}`),
    hasRefused(outcome) ? 'refused with a reason' : 'NOT refused: it continued without a word',
  ].join('\n');
}

class Clients {
  private readonly videos = videosOfAllPartitions();
  private readonly apis: readonly Api[];
  answered = 0;

  constructor(site: Site) {
    this.apis = site.roles.producer.map(({ url }) => new Api(new URL(url), site.token));
  }

  /** Likes every video; ignores likes without an answer after `withinMs`. */
  async post(withinMs: number): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    for (let round = 0; round < POSTS_A_VIDEO; round += 1) {
      await Promise.all(this.videos.map((video) => this.postOne(video, giveUpAt)));
    }
  }

  async total(): Promise<number> {
    const [api] = this.apis;
    const counts = await Promise.all(this.videos.map((video) => api?.total(video)));
    return counts.reduce<number>((sum, count = 0) => sum + count, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.apis.map((api) => api.close()));
  }

  private async postOne(video: string, giveUpAt: number): Promise<void> {
    const liked = Array.from({ length: LIKES_A_POST }, newLike);
    for (let tries = 0; performance.now() < giveUpAt; tries += 1) {
      const api = this.apis[tries % this.apis.length];
      const answer = await api?.postLikes(video, liked).catch(() => undefined);
      if (answer && answer.status < 300) {
        this.answered += liked.length;
        return;
      }
      await pause(POST_AGAIN_AFTER_MS);
    }
  }
}

async function endOf(admin: Admin): Promise<number> {
  let end = 0;
  const isKnown = await until(async () => {
    const partitions = await admin.fetchTopicOffsets(TOPIC);
    end = partitions.reduce((sum, { high }) => sum + Number(high), 0);
    return true;
  }, LEADER_WITHIN_MS);
  if (!isKnown) throw new Error('Kafka did not return the end of its log');
  return end;
}

/** Resolves when the group's positions are at the log's end, or after `COMMIT_WITHIN_MS`. */
async function committed(admin: Admin): Promise<void> {
  await until(async () => {
    const [found] = await admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] });
    const done = found?.partitions.reduce(
      (sum, { offset }) => sum + Math.max(0, Number(offset)),
      0,
    );
    return done === (await endOf(admin));
  }, COMMIT_WITHIN_MS);
}

async function restart(site: Site): Promise<Refusal[]> {
  const { dispatcher } = site.roles;
  await Promise.all(dispatcher.map((one) => one.end('SIGKILL')));
  const marks = dispatcher.map(({ output }) => output.length);
  // A dispatcher that refuses ends during its start; `refusals` reports that.
  await Promise.allSettled(dispatcher.map((one) => one.start()));
  return refusals(site, 'started again', marks);
}

/** Each dispatcher's reaction; `marks` are the lengths of their outputs before. */
function refusals(site: Site, when: string, marks: readonly number[]): Promise<Refusal[]> {
  const began = performance.now();
  return Promise.all(
    site.roles.dispatcher.map(async (one, at): Promise<Refusal> => {
      const line = () => lineIn(one.output.slice(marks[at]));
      const isStopped = await until(async () => {
        return (await hasStopped(one)) && line() !== '';
      }, REFUSE_WITHIN_MS);
      const after = (performance.now() - began) / 1_000;
      return { who: `dispatcher ${at}, ${when}`, after, isStopped, line: line() };
    }),
  );
}

async function hasStopped(one: RoleProcess): Promise<boolean> {
  if (!one.isRunning) return true;
  const ready = await call(one.adminUrl, 'GET', '/health/ready').catch(() => undefined);
  return ready?.status !== 200;
}

/** The last line about a loss. */
function lineIn(output: string): string {
  const lines = output.split('\n').filter((line) => LOST.test(line));
  return (lines.at(-1) ?? '').slice(0, MAX_LINE_CHARS);
}

async function until(check: () => Promise<boolean>, ms: number): Promise<boolean> {
  const giveUpAt = performance.now() + ms;
  while (!(await check().catch(() => false))) {
    if (performance.now() > giveUpAt) return false;
    await pause(LOOK_MS);
  }
  return true;
}
