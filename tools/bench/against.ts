import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../compose/native/folders';
import type { Progress } from '../../compose/native/progress';
import type { Row } from './against-rows';
import { seat, warmUp, watch } from './compare';
import { SERVER_CORE } from './cores';
import type { Crew } from './crew';
import type { Crowd } from './crowd';
import { median, turnOf, type Window } from './measure';
import { type Comparison, comparisonOf, inPairs, type Pair } from './pairs';
import { commitOf, type Machine, thisMachine } from './report/machine';
import { Server } from './server';
import { program } from './servers/node-program';

/** After this CPU time V8 has compiled the hot code; before, a like costs three times as much. */
const WARM_UP_CPU_S = 8;
const MAX_WARM_UP_MS = 90_000;
const POLL_MS = 100;

/** The options of the command line. */
export interface AskedAgainst {
  readonly pairs: number;
  /** The length of one window. */
  readonly seconds: number;
  readonly viewers: number;
}

/** Faults on one side of a row since its start; if any is not zero, the figure is in doubt. */
export interface Faults {
  readonly postsRefused: number;
  readonly streamsClosed: number;
  readonly framesBroken: number;
}

/** One figure of one row. */
export interface Result extends Comparison {
  readonly row: string;
  readonly title: string;
  readonly unit: string;
  readonly isLessBetter: boolean;
  readonly pairs: readonly Pair<number>[];
  readonly faults: Pair<Faults>;
  /** Cores used by other programs; the median of all windows. */
  readonly elsewhereCores: number;
}

/** This checkout compared with another one. */
export interface Against {
  readonly at: string;
  readonly machine: Machine;
  readonly checkouts: Pair<{ readonly folder: string; readonly commit: string }>;
  readonly asked: AskedAgainst;
  readonly results: readonly Result[];
  /** Rows without figures, and the reason. */
  readonly failed: readonly string[];
}

interface Side {
  readonly server: Server;
  readonly crowd: Crowd;
}

/** Compares the builds of this checkout and of another one, row by row. */
export async function against(
  crew: Crew,
  checkout: string,
  rows: readonly Row[],
  asked: AskedAgainst,
  progress: Progress,
): Promise<Against> {
  const folders: Pair<string> = [ROOT, resolve(checkout)];
  for (const folder of folders) requireBuild(folder);
  const [results, failed]: [Result[], string[]] = [[], []];
  for (const row of rows) {
    try {
      results.push(...(await measureRow(crew, row, folders, asked, progress)));
      progress.done(`${row.title}: measured`);
    } catch (error) {
      failed.push(`${row.title}: ${error instanceof Error ? error.message : String(error)}`);
      progress.done(`FAILED: ${failed.at(-1)}`);
    }
  }
  const [ours, theirs] = folders;
  const checkouts = [sideOf(ours), sideOf(theirs)] as const;
  const at = new Date().toISOString();
  return { at, machine: thisMachine(), checkouts, asked, results, failed };
}

function sideOf(folder: string) {
  return { folder, commit: commitOf(folder) };
}

function requireBuild(folder: string): void {
  for (const file of [join(folder, 'dist', 'main.js'), program('frontend', folder)]) {
    if (existsSync(file)) continue;
    const build = 'npm ci && npx tsc -p tsconfig.all.json';
    throw new Error(`${file} is missing; build that checkout first: ${build}`);
  }
}

/** Starts a server of each checkout only for this row, so that rows are independent. */
async function measureRow(
  crew: Crew,
  row: Row,
  [ours, theirs]: Pair<string>,
  asked: AskedAgainst,
  progress: Progress,
): Promise<Result[]> {
  progress.now(`${row.title}: starting`);
  const sides: Side[] = [];
  try {
    const one = await startSide(crew, row, ours, asked);
    sides.push(one);
    const other = await startSide(crew, row, theirs, asked);
    sides.push(other);
    progress.now(`${row.title}: warming up`);
    for (const side of sides) await prepare(side, row, asked);
    const turn = (side: Side) => async () => {
      progress.now(row.title);
      return turnOf(side, asked.seconds, row.load);
    };
    const windows = await inPairs(asked.pairs, [turn(one), turn(other)]);
    const faults = [await faultsOf(one), await faultsOf(other)] as const;
    return resultsOf(row, windows, faults);
  } finally {
    await Promise.all(sides.map(endSide));
  }
}

async function startSide(crew: Crew, row: Row, checkout: string, asked: AskedAgainst) {
  const server = await Server.start(crew, row.kindOf(checkout), SERVER_CORE);
  return { server, crowd: watch(crew, server, row.isWatched ? asked.viewers : 0) };
}

/**
 * Opens the streams and runs the row's load until the server has used enough CPU time. After a
 * fixed number of seconds on a busy machine, V8 would have compiled more of one server than of the
 * other.
 */
async function prepare({ crowd, server }: Side, row: Row, { viewers }: AskedAgainst) {
  if (row.isWatched) {
    await warmUp(crowd, server.kind);
    await seat(crowd, viewers, server.kind);
  }
  const giveUpAt = performance.now() + MAX_WARM_UP_MS;
  row.load(crowd);
  while (server.cpu() < WARM_UP_CPU_S && performance.now() < giveUpAt) await sleep(POLL_MS);
  crowd.rate(0);
}

async function endSide({ crowd, server }: Side): Promise<void> {
  await crowd.end();
  await server.end();
}

async function faultsOf({ crowd }: Side): Promise<Faults> {
  const { broken, closed, postsRefused } = await crowd.read();
  return { postsRefused, streamsClosed: closed, framesBroken: broken };
}

function resultsOf(row: Row, windows: readonly Pair<Window>[], faults: Pair<Faults>): Result[] {
  const elsewhereCores = median(windows.flat().map((window) => window.elsewhereCores));
  return row.figures.map(({ isLessBetter, of, unit }) => {
    const pairs = windows.map(([ours, theirs]) => [of(ours), of(theirs)] as const);
    const about = { row: row.name, title: row.title, unit, isLessBetter };
    return { ...about, ...comparisonOf(pairs), pairs, faults, elsewhereCores };
  });
}
