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
/** Time for the last post to reach all viewers. */
const REACHED_MS = 2_000;
const CONNECT_MS = 60_000;
const SETTLE_MS = 1_000;
/** The number of updates that a saturated server is behind, in each video. */
const UNDER_WAY = 1;

/** The load of each server. */
export interface Comparison {
  /** Rows: viewers, and updates a second. */
  readonly steady: readonly { readonly viewers: number; readonly rate: number }[];
  readonly saturatedViewers: number;
  readonly memoryViewers: number;
  /** The length of one window, s. */
  readonly seconds: number;
}

export interface Steady {
  readonly viewers: number;
  readonly rate: number;
  readonly windows: readonly Window[];
}

export interface Memory {
  readonly viewers: number;
  /** Memory of the server's processes for each viewer, bytes. */
  readonly process: number;
  /** Memory of the kernel for both ends of a connection, bytes. */
  readonly kernel: number;
}

/** The results of one server. */
export interface Compared {
  readonly server: string;
  readonly title: string;
  readonly steady: readonly Steady[];
  readonly saturated: readonly Window[];
  readonly memory: Memory | undefined;
  /** Its ratios to raw `send()`. */
  readonly times: Times | undefined;
}

/** Ratios to raw `send()` in the window before or after: medians of such pairs. */
export interface Times {
  /** One ratio for each row of `steady`. */
  readonly cpuUsAFrame: readonly number[];
  readonly saturatedFramesPerSecond: number;
}

/** The reference server; measured in turn with each server, because a machine's speed drifts. */
export type Rival = Kind | undefined;

/** A server on one core and its load on the other: memory, fixed rates, saturation. */
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

/** Loads a server until its just-in-time compiler has compiled the hot code. */
export async function warmUp(crowd: Crowd, kind: Kind): Promise<void> {
  await seat(crowd, WARM_VIEWERS, kind);
  crowd.rate(WARM_RATE);
  await sleep(WARM_UP_MS);
  crowd.rate(0);
}

/** The windows of each server, by row. */
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

/** Measures memory in a new server, because one that had viewers keeps their memory. */
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
    // Each viewer has received an event; before its first one, its state may be incomplete.
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
