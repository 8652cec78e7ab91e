import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { CLIENT_CORE, SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { byTurns, median, type Window } from './measure';
import { kernelBytes } from './proc';
import { type Kind, Server } from './server';

const TURNS = 3;
const WARM_UP_MS = 5_000;
const WARM_VIEWERS = 50;
const WARM_RATE = 200;
/** Time for what was posted last to have reached all. */
const REACHED_MS = 2_000;
const CONNECT_MS = 60_000;
const SETTLE_MS = 1_000;
/** Updates that a saturated server is kept behind by, in each video. */
const UNDER_WAY = 1;

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
  readonly memory: Memory | undefined;
  /** How it compares with raw `send()`. */
  readonly times: Times | undefined;
}

/** Of what raw `send()` gave in the window before or after: medians over such pairs. */
export interface Times {
  /** By row of `steady`. */
  readonly cpuUsAFrame: readonly number[];
  readonly saturatedFramesPerSecond: number;
}

/** What all servers are held against, measured by turns with each, since a machine's speed drifts. */
export type Rival = Kind | undefined;

/** One server on one core, its load on the other: what a viewer takes, set rates, saturated. */
export async function compare(
  crew: Crew,
  kinds: readonly [Kind, Rival],
  asked: Comparison,
  progress: Progress,
): Promise<Compared> {
  const [kind, rivalKind] = kinds;
  const memory = await memoryOf(crew, kind, asked.memoryViewers, progress);
  const server = await Server.start(crew, kind, SERVER_CORE);
  const rival = rivalKind && (await Server.start(crew, rivalKind, SERVER_CORE));
  try {
    const servers = rival ? [server, rival] : [server];
    const rows = await atRates(crew, servers, asked, progress);
    const full = await saturate(crew, servers, asked, progress);
    const steady = asked.steady.map((row, at) => ({ ...row, windows: rows[at]?.[0] ?? [] }));
    const times = rival && timesOf(rows, full);
    return {
      server: kind.name,
      title: kind.title,
      steady,
      saturated: full[0] ?? [],
      memory,
      times,
    };
  } finally {
    await Promise.all([server.end(), rival?.end()]);
  }
}

function timesOf(rows: readonly Window[][][], full: readonly Window[][]): Times {
  const over = ([ours = [], limits = []]: readonly Window[][], of: (window: Window) => number) =>
    median(ours.flatMap((window, at) => (limits[at] ? [of(window) / of(limits[at])] : [])));
  return {
    cpuUsAFrame: rows.map((row) => over(row, (each) => each.cpuUsAFrame)),
    saturatedFramesPerSecond: over(full, (each) => each.framesPerSecond),
  };
}

/** Prepares a server's viewers and posts, on the client's core; opens no viewer yet. */
export function watch(crew: Crew, { kind, target }: Server, viewers: number): Crowd {
  return new Crowd(crew, { target, viewers, connectRate: kind.connectRate, core: CLIENT_CORE });
}

/** Opens all viewers; rejects if not all of them connect. */
export async function seat(crowd: Crowd, viewers: number, { title }: Kind): Promise<void> {
  const open = await crowd.connect(viewers, CONNECT_MS);
  if (open < viewers) throw new Error(`${title} took ${open} of ${viewers} viewers`);
  await sleep(SETTLE_MS);
}

/** Servers that compile as they run are measured when they have. */
export async function warmUp(crowd: Crowd, kind: Kind): Promise<void> {
  await seat(crowd, WARM_VIEWERS, kind);
  crowd.rate(WARM_RATE);
  await sleep(WARM_UP_MS);
  crowd.rate(0);
}

/** By row, the windows of each server. */
async function atRates(
  crew: Crew,
  servers: readonly Server[],
  { seconds, steady }: Comparison,
  progress: Progress,
): Promise<Window[][][]> {
  const most = Math.max(...steady.map(({ viewers }) => viewers));
  const bouts = servers.map((server) => ({ server, crowd: watch(crew, server, most) }));
  const rows: Window[][][] = [];
  try {
    for (const { crowd, server } of bouts) await warmUp(crowd, server.kind);
    for (const { rate, viewers } of steady) {
      progress.now(`${servers[0]?.kind.title}: ${viewers} viewers, ${rate} updates/s`);
      for (const { crowd, server } of bouts) await seat(crowd, viewers, server.kind);
      rows.push(await byTurns(bouts, TURNS, seconds, (crowd) => crowd.rate(rate)));
    }
    return rows;
  } finally {
    await Promise.all(bouts.map(({ crowd }) => crowd.end()));
  }
}

/** Of a server of its own: one that held others before has room left for these. */
async function memoryOf(
  crew: Crew,
  kind: Kind,
  viewers: number,
  progress: Progress,
): Promise<Memory | undefined> {
  if (viewers === 0) return undefined;
  progress.now(`${kind.title}: memory of ${viewers} viewers`);
  const server = await Server.start(crew, kind, SERVER_CORE);
  const before = { process: await server.memory(), kernel: kernelBytes() };
  const crowd = watch(crew, server, viewers);
  try {
    await seat(crowd, viewers, kind);
    // Each has been sent something: who only opened a stream may not have all its state yet.
    crowd.rate(2);
    await sleep(REACHED_MS);
    crowd.rate(0);
    const process = (await server.memory()) - before.process;
    const { objects, queued } = kernelBytes();
    const kernel = objects + queued - before.kernel.objects - before.kernel.queued;
    return { viewers, process: process / viewers, kernel: kernel / viewers };
  } finally {
    await crowd.end();
    await server.end();
  }
}

async function saturate(
  crew: Crew,
  servers: readonly Server[],
  { saturatedViewers: viewers, seconds }: Comparison,
  progress: Progress,
): Promise<Window[][]> {
  if (viewers === 0) return [];
  await sleep(SETTLE_MS);
  const bouts = servers.map((server) => ({ server, crowd: watch(crew, server, viewers) }));
  try {
    progress.now(`${servers[0]?.kind.title}: ${viewers} viewers, as fast as it can`);
    for (const { crowd, server } of bouts) await seat(crowd, viewers, server.kind);
    return await byTurns(bouts, TURNS, seconds, (crowd) => crowd.saturate(UNDER_WAY));
  } finally {
    await Promise.all(bouts.map(({ crowd }) => crowd.end()));
  }
}
