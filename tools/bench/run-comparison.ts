import type { Progress } from '../../compose/native/progress';
import { type Compared, type Comparison, compare } from './compare';
import type { Crew } from './crew';
import { grow } from './growth';
import { medianOf } from './measure';
import { type NeverReading, neverReading } from './never-reading';
import { thisCommit } from './report/machine';
import type { Absent } from './report/markdown';
import { readResults } from './report/results';
import { record, remember, update } from './report/write';
import type { Kind } from './server';
import { KINDS } from './servers/all';
import { FRONTEND } from './servers/frontend';
import { likestream } from './servers/likestream';

const PARTS = ['servers', 'never-reading', 'growth'] as const;
const LIMIT = 'raw';
const WITH_LIKESTREAM = { good: 1_000, bad: 500, fillSeconds: 45, seconds: 5 };
/** Other servers cannot deliver a thousand messages a second to a thousand viewers. */
const WITH_OTHERS = { good: 10, bad: 10, fillSeconds: 15, seconds: 5 };
const LIKES_A_POST = 10;

/** The options of the command line. */
export interface Asked {
  readonly folder: string;
  /** The length of one window, s. */
  readonly seconds: number;
  /** Viewers of the first row; the second row has twice as many at half the rate. */
  readonly viewers: number;
  readonly memoryViewers: number;
  readonly servers?: readonly string[];
  readonly only?: (typeof PARTS)[number];
}

export { PARTS };

/** All measurements with the server on one core and its load on the other. */
export async function runComparison(crew: Crew, asked: Asked, progress: Progress): Promise<void> {
  const chosen = KINDS.filter(({ name }) => asked.servers?.includes(name) ?? true);
  const there = chosen.filter((kind) => kind.isThere());
  const absent = KINDS.filter((kind) => !kind.isThere());
  for (const line of absent.map(absentLine)) progress.done(line);
  const has = (part: (typeof PARTS)[number]): boolean => (asked.only ?? part) === part;
  if (has('servers')) await compareAll(crew, there, asked, progress, absent);
  if (has('never-reading')) await neverReadingAll(crew, there, asked, progress, absent);
  if (has('growth'))
    record(asked.folder, 'growth', await grow(crew, asked.seconds, progress), absent);
}

function absentLine({ installLine, title }: Kind): string {
  return `NOT THERE, SO NOT MEASURED: ${title}: ${installLine}`;
}

async function compareAll(
  crew: Crew,
  kinds: readonly Kind[],
  { folder, memoryViewers, seconds, viewers }: Asked,
  progress: Progress,
  absent: readonly Absent[],
): Promise<void> {
  const asked: Comparison = {
    steady: [
      { viewers, rate: 10 },
      { viewers: viewers * 2, rate: 5 },
    ],
    saturatedViewers: viewers,
    memoryViewers,
    seconds,
  };
  const limit = KINDS.find(({ name }) => name === LIMIT);
  const all: Compared[] = [];
  for (const kind of kinds) {
    const beside = kind === limit ? undefined : limit;
    const one = await orNothing(kind, progress, () =>
      compare(crew, [kind, beside], asked, progress),
    );
    if (!one) continue;
    all.push(one);
    progress.done(summaryOf(one));
    const before = newest(folder, 'compared').filter((each) => hasSameRows(each, one));
    update(folder, 'compared', merged(before, all), absent);
  }
  remember(folder, 'compared', all);
}

async function neverReadingAll(
  crew: Crew,
  kinds: readonly Kind[],
  { folder }: Asked,
  progress: Progress,
  absent: readonly Absent[],
): Promise<void> {
  const all: NeverReading[] = [];
  for (const kind of kinds.filter(({ name }) => name !== LIMIT && name !== FRONTEND.name)) {
    const isOurs = kind.name === 'likestream';
    const measured = isOurs ? likestream({ batch: LIKES_A_POST }) : kind;
    const mix = isOurs ? WITH_LIKESTREAM : WITH_OTHERS;
    const one = await orNothing(kind, progress, () => neverReading(crew, measured, mix, progress));
    if (!one) continue;
    all.push(one);
    update(folder, 'neverReading', merged(newest(folder, 'neverReading'), all), absent);
  }
  remember(folder, 'neverReading', all);
}

/** Prints the failure of a server, and measures the others. */
async function orNothing<T>(
  { title }: Kind,
  progress: Progress,
  measure: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await measure();
  } catch (error) {
    progress.done(`FAILED: ${title}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function summaryOf({ saturated, steady, times, title }: Compared): string {
  const cpu = steady.map(({ windows }, row) => {
    const us = medianOf(windows, (each) => each.cpuUsAFrame);
    const limit = times ? ` (${times.cpuUsAFrame[row]?.toFixed(2)} ×)` : '';
    return `${us.toFixed(1)} µs${limit}`;
  });
  const frames = medianOf(saturated, (each) => each.framesPerSecond);
  return `${title}: ${cpu.join(', ')} a frame, ${Math.round(frames)} frames/s saturated`;
}

function hasSameRows(one: Compared, other: Compared): boolean {
  const rows = [one, other].map(({ steady }) => steady.map(({ rate, viewers }) => [rate, viewers]));
  return JSON.stringify(rows[0]) === JSON.stringify(rows[1]);
}

/** The results of the same commit from earlier runs with other servers. */
function newest<S extends 'compared' | 'neverReading'>(folder: string, section: S) {
  const before = readResults(folder)[section];
  return before?.commit === thisCommit() ? before.figures : [];
}

/** The earlier results, replaced by the new ones of each server. */
function merged<T extends { readonly server: string }>(
  before: readonly T[],
  now: readonly T[],
): T[] {
  const all = new Map([...before, ...now].map((one) => [one.server, one]));
  return KINDS.flatMap(({ name }) => all.get(name) ?? []);
}
