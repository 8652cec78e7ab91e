import { Command, Option } from 'commander';
import { BROKEN, BROKEN_BETWEEN } from './broken';
import { simulate } from './simulate';

const ALL_BROKEN = { ...BROKEN, ...BROKEN_BETWEEN };

/** Runs seeds and prints what breaks the promise, with the command that replays it. */
async function main(): Promise<void> {
  const { datacenters, seeds, seed, without } = new Command('simulate')
    .description('runs the whole system on a virtual clock, one seed a run, and checks the promise')
    .option('--seed <n>', 'the first seed', Number, 1)
    .option('--seeds <n>', 'how many', Number, 1)
    .option('--datacenters <n>', 'how many, with links that fail', Number, 1)
    .addOption(new Option('--without <mechanism>', 'take one out').choices(Object.keys(ALL_BROKEN)))
    .parse()
    .opts<{ datacenters: number; seed: number; seeds: number; without?: string }>();
  const began = performance.now();
  let broken = 0;
  for (let each = seed; each < seed + seeds; each++) {
    const { violations, digest, likes, frames } = await simulate(
      each,
      without === undefined ? {} : ALL_BROKEN[without],
      datacenters,
    );
    if (violations.length > 0) broken += 1;
    if (violations.length > 0 || seeds === 1) {
      console.log(`seed ${each}: ${likes} likes, ${frames} frames, digest ${digest.slice(0, 16)}`);
      for (const violation of violations.slice(0, 10)) console.log(`  ${violation}`);
      if (violations.length > 0) {
        console.log(`  replay: npm run simulate -- --seed ${each} --datacenters ${datacenters}`);
      }
    }
  }
  const minutes = (performance.now() - began) / 60_000;
  console.log(
    `${seeds} seeds, ${broken} broke the promise, ${Math.round(seeds / minutes)} a minute`,
  );
  process.exitCode = broken > 0 ? 1 : 0;
}

void main();
