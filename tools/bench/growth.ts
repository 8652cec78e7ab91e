import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { CLIENT_CORE, SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Window, windowsOf } from './measure';
import { Server } from './server';
import { likestream } from './servers/likestream';

const VIEWERS = [1_000, 2_000, 4_000, 8_000, 16_000] as const;
const UPDATES_A_SECOND = 2;
const LIVE_LIKES_A_SECOND = 100;
const LIKES = [10, 50, 100, 500, 1_000, 5_000] as const;
const LIKES_VIEWERS = 2_000;
/** From this rate on, likes are posted in batches. */
const BATCHED_FROM = 500;
const BATCH = 50;
const CONNECT_MS = 60_000;
const WARM_UP_MS = 2_000;

/** One point of a fit: the amount of work, and a window with it. */
export interface Point {
  readonly at: number;
  readonly window: Window;
}

/** CPU by viewers and by likes. */
export interface Growth {
  /** By viewers, at a fixed rate that leaves time for each flush. */
  readonly byViewers: readonly Point[];
  readonly updatesPerSecond: number;
  /** By viewers, at the rate of a live video: with more viewers, more likes are merged. */
  readonly live: readonly Point[];
  readonly liveLikesPerSecond: number;
  /** By likes a second, with a fixed number of viewers. */
  readonly byLikes: readonly Point[];
  readonly likesViewers: number;
}

/** likestream on one core, with more and more viewers, then with more and more likes. */
export async function grow(crew: Crew, seconds: number, progress: Progress): Promise<Growth> {
  const byViewers = await overViewers(crew, UPDATES_A_SECOND, seconds, progress);
  const live = await overViewers(crew, LIVE_LIKES_A_SECOND, seconds, progress);
  const byLikes: Point[] = [];
  for (const likes of LIKES) {
    progress.now(`cost by likes: ${likes} a second`);
    byLikes.push({ at: likes, window: await withLikes(crew, likes, seconds) });
  }
  progress.done('cost as work grows: measured');
  return {
    byViewers,
    updatesPerSecond: UPDATES_A_SECOND,
    live,
    liveLikesPerSecond: LIVE_LIKES_A_SECOND,
    byLikes,
    likesViewers: LIKES_VIEWERS,
  };
}

async function overViewers(
  crew: Crew,
  likes: number,
  seconds: number,
  progress: Progress,
): Promise<Point[]> {
  const points: Point[] = [];
  const server = await Server.start(crew, likestream(), SERVER_CORE);
  const most = Math.max(...VIEWERS);
  const crowd = new Crowd(crew, { target: server.target, viewers: most, core: CLIENT_CORE });
  try {
    for (const viewers of VIEWERS) {
      progress.now(`cost by viewers: ${viewers}, ${likes} likes/s`);
      await crowd.connect(viewers, CONNECT_MS);
      points.push({ at: viewers, window: await one(server, crowd, likes, seconds) });
    }
    return points;
  } finally {
    await crowd.end();
    await server.end();
  }
}

async function withLikes(crew: Crew, likes: number, seconds: number): Promise<Window> {
  const batch = likes >= BATCHED_FROM ? BATCH : 1;
  const server = await Server.start(crew, likestream({ batch }), SERVER_CORE);
  const plan = { target: server.target, viewers: LIKES_VIEWERS, core: CLIENT_CORE };
  const crowd = new Crowd(crew, plan);
  try {
    await crowd.connect(LIKES_VIEWERS, CONNECT_MS);
    return await one(server, crowd, likes / batch, seconds);
  } finally {
    await crowd.end();
    await server.end();
  }
}

async function one(server: Server, crowd: Crowd, posts: number, seconds: number): Promise<Window> {
  crowd.rate(posts);
  await sleep(WARM_UP_MS);
  const [window] = await windowsOf({ server, crowd }, 1, seconds);
  crowd.rate(0);
  await sleep(WARM_UP_MS);
  if (!window) throw new Error('no window');
  return window;
}
