import type { Outcome } from '../../test/simulation/simulate';
import { type Options, type Runs, replayLine } from './options';
import { SimulationPool } from './pool';
import { Progress } from './progress';
import { seedsFrom } from './seeds';

/** The distance between the first seeds of two searches. */
const STARTS = 5;
const BETWEEN_STARTS = 100_000;

/** The first seed of a search that broke the promise, and the number of seeds run. */
interface Found {
  readonly outcome: Outcome | undefined;
  readonly needed: number;
}

/**
 * From each of five starts, runs seeds in order until one breaks the promise. Prints the number of
 * seeds of each search, and their median. Returns whether all searches found one.
 */
export async function find(options: Options): Promise<boolean> {
  const { jobs, seed, seeds } = options;
  const pool = new SimulationPool(jobs, options);
  const all: Found[] = [];
  try {
    for (let start = 0; start < STARTS; start++) {
      const first = seed + start * BETWEEN_STARTS;
      const found = await findFrom(pool, first, seeds);
      all.push(found);
      print(first, found, options);
    }
  } finally {
    await pool.close();
  }
  const isFound = all.every(({ outcome }) => outcome !== undefined);
  const median = all.map(({ needed }) => needed).sort((a, b) => a - b)[STARTS >> 1];
  const subject = options.without ?? 'no mechanism removed';
  console.log(
    `${subject}: median of ${STARTS} starts ${isFound ? '' : 'at least '}${median} seeds`,
  );
  return isFound;
}

// Threads end out of order; the result is the least seed that broke the promise.
async function findFrom(pool: SimulationPool, first: number, seeds: number): Promise<Found> {
  let outcome: Outcome | undefined;
  const progress = new Progress(seeds);
  await pool.run(seedsFrom(first, seeds), (each) => {
    const isBroken = each.violations.length > 0;
    progress.note(isBroken);
    if (isBroken && each.seed < (outcome?.seed ?? Number.POSITIVE_INFINITY)) outcome = each;
    return isBroken ? 'stop' : 'go on';
  });
  progress.clear();
  return { outcome, needed: (outcome?.seed ?? first + seeds - 1) - first + 1 };
}

function print(first: number, { needed, outcome }: Found, runs: Runs): void {
  if (!outcome) {
    console.log(`from ${first}: nothing found in ${needed} seeds`);
    return;
  }
  console.log(`from ${first}: found in ${needed} seeds: ${outcome.violations[0]}`);
  console.log(`  replay: ${replayLine(outcome.seed, runs)}`);
}
