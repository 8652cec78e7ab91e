import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Bout, medianOf, type Window, windowsOf } from './measure';
import { kernelBytes } from './proc';
import { type Kind, Server } from './server';

const SERVER_CORE = 0;
const CLIENT_CORE = 1;
const WINDOWS = 3;
const WARM_UP_MS = 2_000;
const CONNECT_MS = 60_000;
const SETTLE_MS = 1_000;
/** Updates that a saturated server is kept behind by, in each video. */
const UNDER_WAY = 3;

/** What is asked of each server. */
export interface Comparison {
  /** Rows of viewers and updates a second. */
  readonly steady: readonly { readonly viewers: number; readonly rate: number }[];
  readonly saturatedViewers: number;
  readonly memoryViewers: number;
  /** Of one window. */
  readonly seconds: number;
}

export interface Steady {
  readonly viewers: number;
  readonly rate: number;
  readonly windows: readonly Window[];
}

export interface Memory {
  readonly viewers: number;
  /** Of the server's processes, by viewer, bytes. */
  readonly process: number;
  /** Of the kernel, for both ends of the connection, by viewer, bytes. */
  readonly kernel: number;
}

/** What one server gave. */
export interface Compared {
  readonly server: string;
  readonly title: string;
  readonly steady: readonly Steady[];
  readonly saturated: readonly Window[];
  readonly saturatedVideos: number;
  readonly memory: Memory | undefined;
  /** What raw `send()` gave in the same run. */
  readonly limit?: Limit;
}

/** What raw `send()` gave. */
export interface Limit {
  /** By row of `steady`, µs a frame. */
  readonly cpuUsAFrame: readonly number[];
  readonly saturatedFramesPerSecond: number;
}

/** Raw `send()`, for the others to be held against. */
export function limitOf({ saturated, steady }: Compared): Limit {
  return {
    cpuUsAFrame: steady.map(({ windows }) => medianOf(windows, (each) => each.cpuUsAFrame)),
    saturatedFramesPerSecond: medianOf(saturated, (each) => each.framesPerSecond),
  };
}

/** One server on one core, its load on the other: set rates, saturated, and what a viewer takes. */
export async function compare(
  crew: Crew,
  kind: Kind,
  asked: Comparison,
  progress: Progress,
): Promise<Compared> {
  const server = await Server.start(crew, kind, SERVER_CORE);
  try {
    const empty = await server.memory();
    const kernel = kernelBytes();
    const crowd = watch(crew, server, Math.max(asked.memoryViewers, ...viewersOf(asked)));
    const steady: Steady[] = [];
    for (const { rate, viewers } of asked.steady) {
      progress.now(`${kind.title}: ${viewers} viewers, ${rate} updates/s`);
      await seat(crowd, viewers, kind);
      steady.push({ viewers, rate, windows: await atRate({ server, crowd }, rate, asked.seconds) });
    }
    let memory: Memory | undefined;
    if (asked.memoryViewers > 0) {
      progress.now(`${kind.title}: memory of ${asked.memoryViewers} viewers`);
      memory = await memoryOf(server, crowd, asked.memoryViewers, { empty, kernel });
    }
    await crowd.end();
    const { saturatedVideos = 1 } = kind;
    await sleep(SETTLE_MS);
    const saturated = await saturate(crew, server, asked, progress);
    const { name, title } = kind;
    return { server: name, title, steady, saturated, saturatedVideos, memory };
  } finally {
    await server.end();
  }
}

function viewersOf({ steady }: Comparison): number[] {
  return steady.map(({ viewers }) => viewers);
}

function watch(crew: Crew, { kind, target }: Server, viewers: number, videos = 1): Crowd {
  const { connectRate } = kind;
  return new Crowd(crew, { target, viewers, videos, connectRate, core: CLIENT_CORE });
}

async function seat(crowd: Crowd, viewers: number, { title }: Kind): Promise<void> {
  const open = await crowd.connect(viewers, CONNECT_MS);
  if (open < viewers) throw new Error(`${title} took ${open} of ${viewers} viewers`);
  await sleep(SETTLE_MS);
}

async function atRate(bout: Bout, rate: number, seconds: number): Promise<Window[]> {
  bout.crowd.rate(rate);
  await sleep(WARM_UP_MS);
  const windows = await windowsOf(bout, WINDOWS, seconds);
  bout.crowd.rate(0);
  await sleep(SETTLE_MS);
  return windows;
}

async function memoryOf(
  server: Server,
  crowd: Crowd,
  viewers: number,
  before: { readonly empty: number; readonly kernel: ReturnType<typeof kernelBytes> },
): Promise<Memory> {
  await seat(crowd, viewers, server.kind);
  // Each has been sent something: who only opened a stream may not have all its state yet.
  crowd.rate(2);
  await sleep(WARM_UP_MS);
  crowd.rate(0);
  const process = (await server.memory()) - before.empty;
  const { objects, queued } = kernelBytes();
  const kernel = objects + queued - before.kernel.objects - before.kernel.queued;
  return { viewers, process: process / viewers, kernel: kernel / viewers };
}

async function saturate(
  crew: Crew,
  server: Server,
  { saturatedViewers: viewers, seconds }: Comparison,
  progress: Progress,
): Promise<Window[]> {
  if (viewers === 0) return [];
  const crowd = watch(crew, server, viewers, server.kind.saturatedVideos);
  try {
    progress.now(`${server.kind.title}: ${viewers} viewers, as fast as it can`);
    await seat(crowd, viewers, server.kind);
    crowd.saturate(UNDER_WAY);
    await sleep(WARM_UP_MS);
    return await windowsOf({ server, crowd }, WINDOWS, seconds);
  } finally {
    await crowd.end();
  }
}
