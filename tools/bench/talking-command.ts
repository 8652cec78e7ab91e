import type { Command } from 'commander';
import type { Progress } from '../../compose/native/progress';
import { reportOf } from '../load/report';
import { kept } from '../load/result';
import { whole } from '../whole';
import type { Crew } from './crew';
import { feedsMemory } from './feeds';
import { type Talking, type TalkingLoad, talking } from './talking';

/** Adds the commands that measure conversations. */
export function addTalking(program: Command, crew: Crew, progress: Progress): void {
  program
    .command('talking')
    .description('likes and comments of one video together, on real servers')
    .option('--viewers <n>', 'how many', whole(1), 1_000)
    .option('--likes <n>', 'likes a second', whole(0), 500)
    .option('--comments <n>', 'comments a second', whole(0), 200)
    .option('--burst <n>', 'comments at once, as fast as they are taken', whole(0), 0)
    .option('--seconds <n>', 'time under likes and comments', whole(1), 60)
    .option('--warm-up-seconds <n>', 'half of that load before, unmeasured', whole(0), 60)
    .option('--json', 'prints JSON', false)
    .action(async ({ json, ...load }: TalkingLoad & { readonly json: boolean }) => {
      const talked = await talking(crew, load, progress);
      process.stdout.write(json ? `${JSON.stringify(talked, undefined, 1)}\n` : textOf(talked));
      if (!kept(talked.result)) process.exitCode = 1;
    });
  program
    .command('feeds')
    .description('memory of a viewer by the feeds that it asks for')
    .option('--viewers <n>', 'how many', whole(1), 15_000)
    .action(async ({ viewers }: { readonly viewers: number }) => {
      const all = await feedsMemory(crew, viewers, progress);
      process.stdout.write(`${JSON.stringify(all, undefined, 1)}\n`);
    });
}

function textOf({ cores, memory, result }: Talking): string {
  const used = Object.entries(cores).map(([name, of]) => `${name} ${of.toFixed(2)}`);
  const held = Object.entries(memory).map(([name, { after, before, peak }]) => {
    const [from, most, to] = [before, peak, after].map((mib) => mib.toFixed(0));
    return `${name} ${from} → ${most} → ${to}`;
  });
  return [
    reportOf(result),
    `cores: ${used.join(' · ')}`,
    `MiB before → peak → after: ${held.join(' · ')}`,
    '',
  ].join('\n');
}
