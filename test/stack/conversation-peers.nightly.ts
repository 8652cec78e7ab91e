// 300 viewers of a conversation move between the frontends of two datacenters, while a producer, a
// dispatcher of each datacenter and MirrorMaker are killed. It takes minutes, so `npm test` leaves
// it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/stack/conversation-peers.nightly.ts'

import { z } from 'zod';
import { freshId } from '../contract/time';
import { call, eventually, pause, range } from '../end-to-end/api';
import { Seeded } from '../simulation/seeded';
import { CommentWatcher, readPages } from './comment-watcher';
import { CommentWriter, type Target } from './comment-writer';
import { PeerSites } from './peer-sites';

const START_MS = 400_000;
const TEST_MS = 900_000;
const REST_MS = 120_000;

const VIEWERS = 300;
const OPEN_EVERY_MS = 20;
const WRITE_EVERY_MS = 80;
/** A deletion after so many comments: of a new one, then of any. */
const COMMENTS_A_DELETION = 8;
const NEW_COMMENTS = 20;
const CUT_EVERY_MS = 150;
const SHORT_AWAY_MS = 2_000;
/** Long enough to miss more comments than are sent at once. */
const LONG_AWAY_MS = 12_000;
const STEADY_MS = 25_000;
const DOWN_MS = 5_000;
/** MirrorMaker is gone for so long that one datacenter's ring evicts what the other lacks. */
const UNLINKED_MS = 30_000;

const peers = new PeerSites(['dc1', 'dc2'], { servers: 2 });
const random = new Seeded(21);
const video = freshId('video');
const watchers: CommentWatcher[] = [];

beforeAll(() => peers.start({ PARTITIONS: '4' }), START_MS);
afterAll(async () => {
  for (const watcher of watchers) watcher.close();
  await peers.end();
}, START_MS);

/** A public server of any datacenter. */
function anyServer(): Target {
  const at = random.below(peers.sites.length);
  return { at, url: random.pick(peers.site(at).servers).url };
}

function watch(): CommentWatcher {
  const { headers } = peers;
  const nextUrl = () => anyServer().url;
  const watcher = new CommentWatcher({ channel: `video:${video}`, headers, nextUrl });
  watchers.push(watcher);
  return watcher;
}

/** Runs a task again and again, some time apart, until the returned function is called. */
function repeat(everyMs: number, task: () => Promise<void> | void): () => Promise<void> {
  let isEnding = false;
  const run = async (): Promise<void> => {
    while (!isEnding) {
      await task();
      await pause(everyMs);
    }
  };
  const running = run();
  return () => {
    isEnding = true;
    return running;
  };
}

function startWriting(writer: CommentWriter): () => Promise<void> {
  let number = 0;
  return repeat(WRITE_EVERY_MS, async () => {
    number += 1;
    await writer.write(`${number}: what a night`);
    if (number % COMMENTS_A_DELETION !== 0) return;
    await writer.remove(random.once(2) ? NEW_COMMENTS : undefined);
  });
}

function startCutting(): () => Promise<void> {
  return repeat(CUT_EVERY_MS, () => {
    const awayMs = random.once(10) ? LONG_AWAY_MS : SHORT_AWAY_MS;
    random.pick(watchers).cut(random.below(awayMs));
  });
}

async function withFaults(): Promise<void> {
  await pause(STEADY_MS);
  const [one, other] = [peers.site(0), peers.site(1)];
  await one.servers[1]?.end('SIGKILL');
  await pause(DOWN_MS);
  await one.servers[1]?.start();
  await pause(DOWN_MS);
  await one.dispatchers[0]?.end('SIGKILL');
  await pause(STEADY_MS);
  await one.dispatchers[0]?.start();
  await other.dispatchers[1]?.end('SIGKILL');
  await pause(STEADY_MS);
  await other.dispatchers[1]?.start();
  await peers.datacenters.mirror.kill();
  await pause(UNLINKED_MS);
  await peers.datacenters.link();
  await pause(STEADY_MS);
}

/**
 * The ids of all pages of a server; `-` before those that are deleted. A deletion may also stand at
 * its own place, and is listed once.
 */
async function historyAt(url: string): Promise<string[]> {
  const ids: string[] = [];
  const deletions = new Set<string>();
  const path = `/videos/${video}/comments?after=&limit=100`;
  await readPages({ headers: peers.headers, nextUrl: () => url }, path, (comment) => {
    if (comment.deleted) deletions.add(`-${comment.commentId}`);
    else ids.push(comment.commentId);
  });
  return [...ids, ...deletions];
}

const newestPage = z.object({ comments: z.array(z.looseObject({ commentId: z.string() })) });

function say(writer: CommentWriter): void {
  const sum = (of: (watcher: CommentWatcher) => number): number =>
    watchers.reduce((all, watcher) => all + of(watcher), 0);
  process.stdout.write(
    [
      `${writer.accepted.length} comments, ${writer.deleted.size} deleted, `,
      `${writer.doubled.size} perhaps in both datacenters, ${watchers.length} viewers: `,
      `${sum(({ cuts }) => cuts)} cuts, ${sum(({ gaps }) => gaps)} gaps, `,
      `${sum(({ repeated }) => repeated.size)} comments on a page and a stream, `,
      `${sum(({ snapshotsAfterResume }) => snapshotsAfterResume)} snapshots after a resume; `,
      `answers besides: ${[...writer.problems].join(', ')}\n`,
    ].join(''),
  );
}

test(
  'no comment comes twice, none is missing, and all viewers see the deletions',
  async () => {
    for (const _ of range(VIEWERS)) {
      watch();
      await pause(OPEN_EVERY_MS);
    }
    await eventually(() => expect(watchers.every(({ isSeated }) => isSeated)).toBe(true), REST_MS);
    const writer = new CommentWriter({ video, headers: peers.headers, random, next: anyServer });
    const ends = [startWriting(writer), startCutting()];
    await withFaults();
    for (const end of ends) await end();
    try {
      await expectAll(writer);
    } finally {
      say(writer);
    }
  },
  TEST_MS,
);

async function expectAll(writer: CommentWriter): Promise<void> {
  const { accepted, deleted, doubled, remaining } = writer;
  await eventually(async () => {
    for (const site of peers.sites) {
      const ids = await historyAt(site.server.url);
      expect([...ids].sort()).toEqual(
        accepted.map((id) => (deleted.has(id) ? `-${id}` : id)).sort(),
      );
    }
  }, REST_MS);
  await eventually(() => {
    expect(watchers.filter(({ isReading }) => isReading)).toHaveLength(0);
    const wrong = watchers.flatMap((watcher, at) => {
      const { shown } = watcher;
      const missing = remaining.filter((id) => !shown.has(id));
      const more = [...shown].filter((id) => deleted.has(id));
      return missing.length + more.length > 0 ? [{ at, missing, undeleted: more }] : [];
    });
    expect(wrong).toEqual([]);
  }, REST_MS);
  expect(watchers.flatMap(({ faults }) => faults)).toEqual([]);
  const repeated = watchers.flatMap((watcher) => [...watcher.repeated]);
  expect(repeated.filter((id) => !doubled.has(id))).toEqual([]);
  await expectNewViewers(writer);
}

/** A new viewer of each server has the newest comments, without the deleted ones. */
async function expectNewViewers({ deleted }: CommentWriter): Promise<void> {
  for (const { url } of peers.sites.flatMap(({ servers }) => servers)) {
    const { headers } = peers;
    const newest = new CommentWatcher({ channel: `video:${video}`, headers, nextUrl: () => url });
    watchers.push(newest);
    await eventually(() => expect(newest.isSeated).toBe(true), REST_MS);
    const { text } = await call(url, 'GET', `/videos/${video}/comments?limit=20`, { headers });
    const onPage = newestPage.parse(JSON.parse(text)).comments.map(({ commentId }) => commentId);
    const { shown } = newest;
    expect([...shown].filter((id) => deleted.has(id))).toEqual([]);
    expect(onPage.filter((id) => !deleted.has(id) && !shown.has(id))).toEqual([]);
  }
}
