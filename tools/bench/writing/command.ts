import type { Command } from 'commander';
import type { Progress } from '../../../compose/native/progress';
import { whole } from '../../whole';
import type { Crew } from '../crew';
import { writingNames } from '../options';
import { readResults } from '../report/results';
import { remember, update } from '../report/write';
import { writingText } from '../report/writing-table';
import { newestOf, type WritingResult, writing } from '../writing';
import type { AskedWriting } from './asked';
import { WRITING_ROWS } from './rows';

interface Options extends AskedWriting {
  readonly folder: string;
  readonly only?: readonly string[];
}

/** Adds the command `writing`. */
export function addWriting(program: Command, crew: Crew, progress: Progress): void {
  program
    .command('writing')
    .description('taking, storing and counting likes beside the bare parts; half an hour')
    .option(
      '--only <names>',
      `rows, by comma: ${WRITING_ROWS.map(({ name }) => name).join(', ')}`,
      writingNames,
    )
    .option('--seconds <n>', 'length of one window', whole(1), 10)
    .option('--turns <n>', 'windows of each figure', whole(1), 3)
    .option('--videos <n>', 'videos that get the likes', whole(1), 100)
    .option('--log-rate <n>', "likes a second in the dispatcher's log", whole(1), 50_000)
    .action((_, command: Command) => run(crew, command.optsWithGlobals(), progress));
}

async function run(crew: Crew, { folder, only, ...asked }: Options, progress: Progress) {
  const rows = WRITING_ROWS.filter(({ name }) => only?.includes(name) ?? true);
  const before = readResults(folder).writing?.figures ?? [];
  // After each row, so that an interrupted run keeps what it has measured.
  const save = (now: readonly WritingResult[]) => update(folder, 'writing', newestOf(before, now));
  const results = await writing({ crew, asked, progress }, rows, save);
  if (results.some(({ failed }) => failed !== undefined)) process.exitCode = 1;
  process.stdout.write(`${writingText(results)}\n`);
  remember(folder, 'writing', results);
}
