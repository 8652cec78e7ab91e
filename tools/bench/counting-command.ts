import type { Command } from 'commander';
import { ROOT } from '../../compose/native/folders';
import type { Progress } from '../../compose/native/progress';
import { whole } from '../whole';
import { type CountingLoad, counting } from './counting';
import type { Crew } from './crew';

/** Adds the command that measures what the number of viewers costs. */
export function addCounting(program: Command, crew: Crew, progress: Progress): void {
  program
    .command('counting')
    .argument('[checkouts...]', 'builds to measure in turn (default: this one)')
    .description('what the number of viewers costs, on real servers')
    .option('--viewers <n>', 'viewers who stay', whole(1), 100_000)
    .option('--videos <n>', 'videos of these viewers', whole(1), 20)
    .option('--workers <n>', 'processes of each of two frontends', whole(1), 4)
    .option('--changes <n>', 'members who come each second; as many go', whole(1), 150)
    .option('--connects <n>', 'viewers who connect each second at first', whole(2), 2_000)
    .option('--seconds <n>', 'length of each measurement', whole(1), 30)
    .action(async (checkouts: string[], load: CountingLoad) => {
      const builds = checkouts.length > 0 ? checkouts : [ROOT];
      const all = await counting(crew, builds, load, progress);
      process.stdout.write(`${JSON.stringify(all, undefined, 1)}\n`);
    });
}
