import type { Outcome } from '../../test/simulation/simulate';
import { find } from './find';
import { type Options, readOptions, replayLine } from './options';
import { SimulationPool } from './pool';
import { Progress } from './progress';
import { seedsFrom } from './seeds';

const MAX_PRINTED_VIOLATIONS = 10;

async function main(): Promise<void> {
  const options = readOptions();
  const isGood = options.find ? await find(options) : await runAll(options);
  process.exitCode = isGood ? 0 : 1;
}

/** Runs all seeds and prints each violation immediately. Returns whether there was none. */
async function runAll(options: Options): Promise<boolean> {
  const { jobs, seed, seeds } = options;
  const pool = new SimulationPool(Math.min(jobs, seeds), options);
  const progress = new Progress(seeds);
  let broken = 0;
  try {
    await pool.run(seedsFrom(seed, seeds), (outcome) => {
      const isBroken = outcome.violations.length > 0;
      if (isBroken) broken += 1;
      if (isBroken || seeds === 1) {
        progress.clear();
        print(outcome, options);
      }
      if (outcome.trace !== undefined) console.log(`trace of ${outcome.seed}: ${outcome.trace}`);
      progress.note(isBroken);
      return 'go on';
    });
  } finally {
    await pool.close();
  }
  progress.clear();
  console.log(`${seeds} seeds, ${broken} broke the promise, ${progress.rate} a minute`);
  return broken === 0;
}

function print({ digest, entries, frames, seed, violations }: Outcome, options: Options): void {
  console.log(`seed ${seed}: ${entries} entries, ${frames} frames, digest ${digest.slice(0, 16)}`);
  for (const violation of violations.slice(0, MAX_PRINTED_VIOLATIONS))
    console.log(`  ${violation}`);
  const more = violations.length - MAX_PRINTED_VIOLATIONS;
  if (more > 0) console.log(`  and ${more} more`);
  if (violations.length > 0) console.log(`  replay: ${replayLine(seed, options)}`);
}

void main();
