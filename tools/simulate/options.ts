import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ALL_BROKEN } from '../../test/simulation/broken';
import {
  ALL_FAULTS,
  FAULT_KINDS,
  type Faults,
  faultsIn,
  faultsText,
} from '../../test/simulation/fault-kinds';
import type { Scenario } from '../../test/simulation/simulate';
import { whole } from '../whole';

/** The options of every run of a command; a replay line repeats them. */
export interface Runs {
  readonly datacenters: number;
  readonly faults: Faults;
  /** The mechanism to remove. */
  readonly without?: string | undefined;
  /** Whether to compute the hash of each run's history. */
  readonly trace?: boolean | undefined;
}

/** All options of the command line. */
export interface Options extends Runs {
  readonly seed: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly find: boolean;
}

const HELP = `
Faults:
${Object.entries(FAULT_KINDS)
  .map(([kind, what]) => `  ${kind.padEnd(10)} ${what}`)
  .join('\n')}

Examples:
  npm run simulate -- --seeds 1000
  npm run simulate -- --seed 7 --datacenters 3
  npm run simulate -- --seeds 200 --faults late,clocks
  npm run simulate -- --seeds 100 --without "the version check"
  npm run simulate -- --find --without "the version check"
  npm run simulate -- --seeds 500 --trace | sort > before.txt

Exit code 1 if a seed broke the promise (with --find: if a start found nothing).`;

/** Reads the command line. */
export function readOptions(argv?: readonly string[]): Options {
  const command = new Command('npm run simulate --')
    .description(
      'Runs the whole system on a virtual clock, one run for each seed, and checks the promise. ' +
        'A seed always gives the same run. Each violation is printed with its replay line.',
    )
    .option('--seed <n>', 'the first seed', whole(0), 1)
    .option(
      '--seeds <n>',
      'number of seeds; with --find, the most seeds from each start',
      whole(1),
      1,
    )
    .option('--datacenters <n>', 'number of datacenters, with links that fail', whole(1), 1)
    .addOption(
      new Option(
        '--faults <kinds>',
        'kinds from the list below, separated by commas; or all, or none',
      )
        .argParser(readFaults)
        .default(ALL_FAULTS, 'all'),
    )
    .addOption(
      new Option(
        '--without <mechanism>',
        'remove this mechanism; the simulation must notice',
      ).choices(Object.keys(ALL_BROKEN)),
    )
    .option(
      '--find',
      'from five starts, count the seeds until the missing mechanism is noticed',
      false,
    )
    .option('--trace', "print the hash of each seed's history, to compare two versions")
    .option('--jobs <n>', 'seeds that run at the same time', whole(1), availableParallelism())
    .addHelpText('after', HELP)
    .parse(argv);
  return command.opts<Options>();
}

/** The command that repeats one seed, with every option named. */
export function replayLine(seed: number, { datacenters, faults, without }: Runs): string {
  const named = without === undefined ? '' : ` --without "${without}"`;
  const run = `npm run simulate -- --seed ${seed} --seeds 1 --datacenters ${datacenters}`;
  return `${run} --faults ${faultsText(faults)}${named}`;
}

/** The scenario of these runs. */
export function scenarioOf({ datacenters, faults, trace, without }: Runs): Scenario {
  const broken = without === undefined ? {} : ALL_BROKEN[without];
  return { datacenters, faults, broken, isTraced: trace };
}

function readFaults(text: string): Faults {
  try {
    return faultsIn(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
