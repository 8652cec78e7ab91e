import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Exactness, exactness } from './exactness';
import { median, type Window, windowsOf } from './measure';
import { kernelBytes } from './proc';
import { Server } from './server';
import { commentsPost, likestream } from './servers/likestream';

/** Connecting stops if fewer viewers a second connect. */
const LEAST_CONNECTS_A_SECOND = 300;
const CONNECT_SLACK_MS = 30_000;
const CONNECT_RATE = 3_000;
const WINDOW_S = 10;
const WARM_UP_MS = 3_000;
const MS_PER_SECOND = 1_000;

/** The number of viewers and their load. */
export interface Load {
  readonly viewers: number;
  readonly workers: number;
  readonly videos: number;
  /** Over all videos. */
  readonly likesPerSecond: number;
  /** Over all videos; none if not given. */
  readonly commentsPerSecond?: number;
  readonly seconds: number;
}

/** The result. */
export interface Held {
  readonly load: Load;
  /** Viewers that were open when likes began, and their connect rate. */
  readonly open: number;
  readonly connectsPerSecond: number;
  /** Streams that could not be opened, that were refused, and that ended. */
  readonly failed: number;
  readonly refused: number;
  readonly closed: number;
  readonly windows: readonly Window[];
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly oldestP90Ms: number;
  readonly commentP50Ms: number;
  readonly commentP90Ms: number;
  readonly commentP99Ms: number;
  /** Comments delivered a second. */
  readonly commentsDeliveredPerSecond: number;
  readonly likesDeliveredPerSecond: number;
  /** Memory of all processes with the viewers, bytes. */
  readonly memory: number;
  /** Memory of the kernel for both ends of the connections, bytes. */
  readonly kernel: number;
  readonly exact: Exactness;
}

/** Holds a number of viewers for some time under likes. */
export async function hold(crew: Crew, load: Load, progress: Progress): Promise<Held> {
  const server = await Server.start(crew, likestream({ workers: load.workers }));
  try {
    const before = kernelBytes();
    const { target } = server;
    const { commentsPerSecond = 0, likesPerSecond, seconds, videos, viewers } = load;
    const crowd = new Crowd(crew, { target, viewers, videos, connectRate: rateOf(viewers) });
    const talk = { ...target, post: commentsPost(target.port) };
    const talkers = new Crowd(crew, { target: talk, viewers: 0, videos });
    const began = performance.now();
    const open = await seat(crowd, viewers, progress);
    const connectsPerSecond = (open * MS_PER_SECOND) / (performance.now() - began);
    crowd.rate(likesPerSecond);
    talkers.rate(commentsPerSecond);
    await sleep(WARM_UP_MS);
    const windows = await watch({ server, crowd }, seconds, progress);
    crowd.rate(0);
    talkers.rate(0);
    const exact = await exactness(crowd, `http://127.0.0.1:${target.port}`, videos);
    const { closed, failed, refused } = await crowd.read();
    const now = kernelBytes();
    const kernel = now.objects + now.queued - before.objects - before.queued;
    const memory = await server.memory();
    await Promise.all([crowd.end(), talkers.end()]);
    const counts = { open, connectsPerSecond, failed, refused, closed };
    return { load, ...counts, windows, ...middles(windows), memory, kernel, exact };
  } finally {
    await server.end();
  }
}

/** Adds viewers as long as all of them connect; resolves with the last result. */
export async function holdMost(
  crew: Crew,
  steps: readonly Load[],
  progress: Progress,
): Promise<Held[]> {
  const held: Held[] = [];
  for (const load of steps) {
    const last = await hold(crew, load, progress);
    held.push(last);
    if (last.open < load.viewers || last.closed > 0) break;
  }
  return held;
}

function rateOf(viewers: number): number {
  // Each process of the client opens its own share of the connections a second.
  return CONNECT_RATE / Math.max(1, Math.ceil(viewers / 18_000));
}

async function seat(crowd: Crowd, viewers: number, progress: Progress): Promise<number> {
  const timeout = (viewers / LEAST_CONNECTS_A_SECOND) * MS_PER_SECOND + CONNECT_SLACK_MS;
  return crowd.connect(viewers, timeout, (open) => progress.now(`${open} of ${viewers} viewers`));
}

async function watch(
  bout: { readonly server: Server; readonly crowd: Crowd },
  seconds: number,
  progress: Progress,
): Promise<Window[]> {
  const windows: Window[] = [];
  for (let at = 0; at < seconds; at += WINDOW_S) {
    const [window] = await windowsOf(bout, 1, Math.min(WINDOW_S, seconds - at));
    if (window) windows.push(window);
    progress.now(lineOf(at, window));
  }
  return windows;
}

function lineOf(at: number, window: Window | undefined): string {
  if (!window) return '';
  const { commentP50Ms, commentP90Ms, commentP99Ms, comments, likesPerSecond } = window;
  const { p50Ms, p90Ms, p99Ms, seconds } = window;
  const times = (of: readonly number[]): string => of.map((ms) => ms.toFixed(0)).join(' · ');
  const likes = `${Math.round(likesPerSecond)} likes/s delivered, p50 · p90 · p99`;
  const line = `${at} s: ${likes} ${times([p50Ms, p90Ms, p99Ms])} ms`;
  if (comments === 0) return line;
  const ages = times([commentP50Ms, commentP90Ms, commentP99Ms]);
  return `${line}; ${Math.round(comments / seconds)} comments/s, ${ages} ms`;
}

function middles(windows: readonly Window[]) {
  const of = (value: (window: Window) => number): number => median(windows.map(value));
  return {
    p50Ms: of(({ p50Ms }) => p50Ms),
    p90Ms: of(({ p90Ms }) => p90Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    oldestP90Ms: of(({ oldestP90Ms }) => oldestP90Ms),
    commentP50Ms: of(({ commentP50Ms }) => commentP50Ms),
    commentP90Ms: of(({ commentP90Ms }) => commentP90Ms),
    commentP99Ms: of(({ commentP99Ms }) => commentP99Ms),
    commentsDeliveredPerSecond: of(({ comments, seconds }) => comments / seconds),
    likesDeliveredPerSecond: of(({ likesPerSecond }) => likesPerSecond),
  };
}
