import { Command, Option } from 'commander';
import { ROOT } from '../../compose/native/folders';
import { PrintedProgress } from '../../compose/native/progress';
import { whole } from '../whole';
import { type AskedAgainst, against } from './against';
import { ROWS } from './against-rows';
import { addAttack } from './attack-command';
import { hold, holdMost, type Load } from './capacity';
import { leaveServerCore } from './cores';
import { addCounting } from './counting-command';
import { Crew } from './crew';
import { rowNames, serverNames } from './options';
import { addOverload } from './overload-command';
import { type ReadAsked, readAfterWrite } from './read-after-write';
import { real } from './real';
import { againstText } from './report/against-table';
import { REPORT_FOLDER } from './report/results';
import { record, writeReport } from './report/write';
import { rooms } from './rooms';
import { type Asked, PARTS, runComparison } from './run-comparison';
import { KINDS } from './servers/all';
import { installPeers } from './servers/install';
import { soak } from './soak';
import { storm } from './storm';
import { addTalking } from './talking-command';
import { addWriting } from './writing/command';

const INTERRUPTED = 130;

const crew = new Crew();
const progress = new PrintedProgress(process.stderr);

/** The load, if the command line does not give another one. */
const CAPACITY: readonly Load[] = [
  { viewers: 100_000, workers: 7, videos: 20, likesPerSecond: 100, seconds: 300 },
  { viewers: 100_000, workers: 7, videos: 10_000, likesPerSecond: 500, seconds: 60 },
];
const MOST: readonly Load[] = [150_000, 200_000, 250_000].map((viewers) => ({
  viewers,
  workers: Math.ceil(viewers / 17_000),
  videos: 20,
  likesPerSecond: 100,
  seconds: 30,
}));
const REAL = [
  { viewers: 10_000, likesPerSecond: 100 },
  { viewers: 2_000, likesPerSecond: 100 },
];

interface LoadOptions extends Partial<Omit<Load, 'likesPerSecond' | 'commentsPerSecond'>> {
  readonly folder: string;
  readonly likes?: number;
  readonly comments?: number;
}

interface AgainstOptions extends AskedAgainst {
  readonly only?: readonly string[];
  readonly saturated?: boolean;
  readonly json?: boolean;
}

function commands(): Command {
  const program = new Command('npm run bench --')
    .description('Measures likestream beside other servers, and the capacity of this machine.')
    .option('--folder <path>', 'folder of the report', REPORT_FOLDER);
  const seconds = (is: number): Option =>
    new Option('--seconds <n>', 'length of each measurement').argParser(whole(1)).default(is);
  program
    .command('compare', { isDefault: true })
    .description('a server on one core, its load on the other; half an hour (the default)')
    .option('--servers <names>', `of ${KINDS.map(({ name }) => name).join(', ')}`, serverNames)
    .option(
      '--viewers <n>',
      'viewers of the first row; the second row has twice as many',
      whole(1),
      5_000,
    )
    .option('--memory-viewers <n>', 'viewers while memory is measured', whole(1), 15_000)
    .addOption(new Option('--only <part>', 'measures only one part').choices(PARTS))
    .addOption(seconds(2))
    .action((_, command: Command) => compareServers(command.optsWithGlobals()));
  addAgainst(program, seconds);
  addLoads(program, seconds);
  addCounting(program, crew, progress);
  addTalking(program, crew, progress);
  addWriting(program, crew, progress);
  addOverload(program, crew, progress);
  addAttack(program, crew, progress);
  program
    .command('peers')
    .description('install or build the servers that likestream is compared with')
    .action(() => installPeers(progress));
  program
    .command('report')
    .description('write the report again from the last results')
    .action((_, command: Command) => writeReport(command.optsWithGlobals().folder));
  return program;
}

function addAgainst(program: Command, seconds: (is: number) => Option): void {
  program
    .command('against')
    .argument('<checkout>', 'a folder with another commit, built with tsconfig.all.json')
    .description('compares this checkout with another one, in pairs of windows; takes 15 minutes')
    .option(
      '--pairs <n>',
      'pairs of windows in each row, one window of each checkout',
      whole(1),
      10,
    )
    .option('--viewers <n>', 'viewers of the rows with streams', whole(1), 5_000)
    .option(
      '--only <names>',
      `rows, by comma: ${ROWS.map(({ name }) => name).join(', ')}`,
      rowNames,
    )
    .option('--saturated', 'also runs the saturated rows')
    .option('--json', 'prints JSON instead of a table (use npm run -s bench to silence npm)')
    .addOption(seconds(5))
    .action((checkout: string, asked: AgainstOptions) => compareCheckouts(checkout, asked));
}

function addLoads(program: Command, seconds: (is: number) => Option): void {
  const more = (command: Command): Command =>
    command
      .option('--viewers <n>', 'how many', whole(1))
      .option('--workers <n>', 'viewer-holding processes', whole(1));
  more(program.command('capacity'))
    .description('100,000 viewers, and as many as the machine holds')
    .option('--videos <n>', 'videos of these viewers', whole(1))
    .option('--likes <n>', 'likes a second, over all videos', whole(1))
    .option('--comments <n>', 'comments a second, over all videos', whole(1))
    .option('--seconds <n>', 'time under likes', whole(1))
    .action((_, command: Command) => capacity(command.optsWithGlobals()));
  more(program.command('storm'))
    .description('all viewers lose their connection at once and resume with their ids')
    .action((_, command: Command) => comeBack(command.optsWithGlobals()));
  more(program.command('rooms'))
    .description('a small room beside a huge one on the same core')
    .addOption(seconds(20))
    .action((_, command: Command) => sideBySide(command.optsWithGlobals()));
  more(program.command('soak'))
    .description('hours at half of the capacity')
    .addOption(seconds(1_200))
    .action((_, command: Command) => longTime(command.optsWithGlobals()));
  more(program.command('real'))
    .description('on Kafka, Cassandra and Redis, with two of each role')
    .addOption(seconds(60))
    .action((_, command: Command) => onRealServers(command.optsWithGlobals()));
  program
    .command('read')
    .argument('[checkouts...]', 'builds to measure in turn (default: this one)')
    .description('the time until GET contains an answered like, on real servers')
    .option('--videos <n>', 'videos of these likes', whole(1), 500)
    .option('--likes-per-second <n>', 'in all', whole(1), 400)
    .option('--turns <n>', 'turns of each build', whole(1), 3)
    .option('--warm-up-seconds <n>', 'load before each measurement', whole(1), 30)
    .addOption(seconds(30))
    .action((checkouts: string[], asked: ReadAsked) => readLikes(checkouts, asked));
}

async function compareCheckouts(checkout: string, options: AgainstOptions): Promise<void> {
  leaveServerCore();
  const { json, only, saturated = false, ...asked } = options;
  const rows = ROWS.filter(({ isOnRequest = false, name }) =>
    only ? only.includes(name) : saturated || !isOnRequest,
  );
  const compared = await against(crew, checkout, rows, asked, progress);
  if (compared.failed.length > 0) process.exitCode = 1;
  const text = json ? JSON.stringify(compared, undefined, 1) : againstText(compared);
  process.stdout.write(`${text}\n`);
}

async function compareServers(asked: Asked): Promise<void> {
  leaveServerCore();
  await runComparison(crew, asked, progress);
  progress.done(`the report is in ${asked.folder}`);
}

async function capacity({ comments, folder, likes, ...asked }: LoadOptions): Promise<void> {
  const given = {
    ...asked,
    ...(likes !== undefined && { likesPerSecond: likes }),
    ...(comments !== undefined && { commentsPerSecond: comments }),
  };
  const [first] = CAPACITY;
  const isAsked = Object.keys(given).length > 0 && first !== undefined;
  const loads = isAsked ? [{ ...first, ...given }] : CAPACITY;
  const held = [];
  for (const load of loads) held.push(await hold(crew, load, progress));
  if (!isAsked) held.push(...(await holdMost(crew, MOST, progress)));
  record(folder, 'capacity', held);
}

async function comeBack({ folder, viewers = 15_000, workers = 2 }: LoadOptions): Promise<void> {
  record(folder, 'storm', await storm(crew, { viewers, workers }, progress));
}

async function sideBySide({ folder, seconds = 20, viewers = 10_000 }: LoadOptions) {
  record(folder, 'rooms', await rooms(crew, { viewers, seconds }, progress));
}

async function longTime(asked: LoadOptions): Promise<void> {
  const { folder, seconds = 1_200, viewers = 50_000, workers = 7 } = asked;
  record(folder, 'soak', await soak(crew, { viewers, workers, seconds }, progress));
}

async function onRealServers({ folder, seconds = 60, viewers }: LoadOptions): Promise<void> {
  const loads = viewers === undefined ? REAL : [{ viewers, likesPerSecond: 100 }];
  const figures = await real(
    crew,
    loads.map((load) => ({ ...load, seconds })),
    progress,
  );
  record(folder, 'real', figures);
}

async function readLikes(checkouts: readonly string[], asked: ReadAsked): Promise<void> {
  const builds = checkouts.length > 0 ? checkouts : [ROOT];
  await readAfterWrite(crew, builds, asked, progress);
}

let isEnding = false;

function endOnSignal(): void {
  // npm sends a Ctrl-C again that the terminal has sent to this process.
  if (isEnding) return;
  isEnding = true;
  crew.endAll().finally(() => process.exit(INTERRUPTED));
}

process.on('SIGINT', endOnSignal);
process.on('SIGTERM', endOnSignal);
process.once('exit', () => crew.kill());

commands()
  .parseAsync()
  .catch((error: unknown) => {
    if (isEnding) return;
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => crew.endAll());
