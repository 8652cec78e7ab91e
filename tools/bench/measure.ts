import { setTimeout as sleep } from 'node:timers/promises';
import type { Ages, Crowd, Reading } from './crowd';
import { machineSeconds } from './proc';
import type { Server } from './server';

const MS_PER_SECOND = 1_000;
const US_PER_SECOND = 1_000_000;
const US_TO_MS = 0.001;
const WARM_UP_MS = 1_000;
const SETTLE_MS = 500;

/** The figures of one window. */
export interface Window {
  readonly seconds: number;
  readonly frames: number;
  /** The sum of `new`: likes delivered. */
  readonly likes: number;
  /** Likes in the posts that were answered. */
  readonly posted: number;
  /** The server's user and system time for each delivered frame. */
  readonly cpuUsAFrame: number;
  /** The server's CPU, in cores. */
  readonly cores: number;
  /** The load client's CPU, in cores. */
  readonly clientCores: number;
  /** The CPU of other programs, in cores: the less, the better the figures. */
  readonly elsewhereCores: number;
  readonly framesPerSecond: number;
  readonly likesPerSecond: number;
  /** Latencies of all delivered likes, from acceptance on. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Latency of the oldest like in each frame. */
  readonly oldestP90Ms: number;
  /** Comments that viewers were sent, and their latencies. */
  readonly comments: number;
  readonly commentP50Ms: number;
  readonly commentP90Ms: number;
  readonly commentP99Ms: number;
  /** Frames where the total before + `new` was not the total. */
  readonly broken: number;
  readonly closed: number;
}

/** A server's processor time and a crowd's counts, taken at one moment. */
export interface Moment {
  readonly cpu: number;
  readonly machine: number;
  readonly reading: Reading;
  readonly at: number;
}

/** A server and its viewers. */
export interface Bout {
  readonly server: Pick<Server, 'cpu'>;
  readonly crowd: Crowd;
}

/** Measures windows one after the other; waits before the first one for earlier posts. */
export async function windowsOf(bout: Bout, count: number, seconds: number): Promise<Window[]> {
  const windows: Window[] = [];
  let from = await momentOf(bout);
  for (let left = count; left > 0; left--) {
    await sleep(seconds * MS_PER_SECOND);
    const to = await momentOf(bout);
    windows.push(windowBetween(from, to));
    from = to;
  }
  return windows;
}

/** Measures windows of several servers in turn, each under `load`. */
export async function byTurns(
  bouts: readonly Bout[],
  turns: number,
  seconds: number,
  load: (crowd: Crowd) => void,
): Promise<Window[][]> {
  const all = bouts.map((): Window[] => []);
  for (let left = turns; left > 0; left--) {
    for (const [at, bout] of bouts.entries()) all[at]?.push(await turnOf(bout, seconds, load));
  }
  return all;
}

/** One window of a server that is idle before and after it. */
export async function turnOf(
  bout: Bout,
  seconds: number,
  load: (crowd: Crowd) => void,
): Promise<Window> {
  load(bout.crowd);
  await sleep(WARM_UP_MS);
  const from = await momentOf(bout);
  await sleep(seconds * MS_PER_SECOND);
  const window = windowBetween(from, await momentOf(bout));
  bout.crowd.rate(0);
  await sleep(SETTLE_MS);
  return window;
}

/** The window whose value is the middle one. */
export function medianOf(windows: readonly Window[], of: (window: Window) => number): number {
  return median(windows.map(of));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = 0, at = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? at : (below + at) / 2;
}

/** The counts now. The latency of a window counts from the moment before it. */
export async function momentOf({ crowd, server }: Bout): Promise<Moment> {
  const reading = await crowd.read();
  return { cpu: server.cpu(), machine: machineSeconds(), reading, at: performance.now() };
}

/** The differences between two moments. */
export function windowBetween(from: Moment, to: Moment): Window {
  const seconds = (to.at - from.at) / MS_PER_SECOND;
  const of = (name: Exclude<keyof Reading, Ages>): number => to.reading[name] - from.reading[name];
  const [frames, likes] = [of('frames'), of('likes')];
  const { max, p50, p90, p99 } = to.reading.latency.quantiles(US_TO_MS);
  const ofComments = to.reading.commentAges.quantiles(US_TO_MS);
  const cpu = to.cpu - from.cpu;
  const ours = cpu + of('cpu');
  return {
    seconds,
    frames,
    likes,
    posted: of('posted'),
    cpuUsAFrame: frames > 0 ? (cpu * US_PER_SECOND) / frames : 0,
    cores: cpu / seconds,
    clientCores: of('cpu') / seconds,
    elsewhereCores: Math.max(0, to.machine - from.machine - ours) / seconds,
    framesPerSecond: frames / seconds,
    likesPerSecond: likes / seconds,
    p50Ms: p50,
    p90Ms: p90,
    p99Ms: p99,
    maxMs: max,
    comments: of('comments'),
    commentP50Ms: ofComments.p50,
    commentP90Ms: ofComments.p90,
    commentP99Ms: ofComments.p99,
    oldestP90Ms: to.reading.oldest.quantile(0.9) * US_TO_MS,
    broken: of('broken'),
    closed: of('closed'),
  };
}
