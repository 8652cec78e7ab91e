import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SERVER_CORE } from '../cores';
import type { Measuring } from './asked';
import type { Line } from './line';
import type { OwnerAsked, OwnerFigures } from './owner-run';

const PROGRAM = join(__dirname, 'owner-program.js');
const VIDEOS = 1_000;
const FRONTENDS = 20;
const AIM = { least: 50_000 };

const INCLUDED =
  'parsing, counting, duplicates, saving and dispatching with metrics, updates encoded as JSON ' +
  'for each frontend; without the clients of Kafka, Cassandra and Redis, and without sockets';

/** One dispatcher on a log in memory: the likes that a core counts and delivers in a second. */
export async function owner(measuring: Measuring): Promise<Line[]> {
  const { asked, progress } = measuring;
  const common = { likesPerSecond: asked.logRate, videos: VIDEOS, parts: asked.turns };
  const one = { ...common, frontends: FRONTENDS, likesARecord: 1 };
  progress.now(`owner: ${FRONTENDS} frontends, minutes`);
  const whole = await run(measuring, one);
  progress.now('owner: no frontends, minutes');
  const alone = await run(measuring, { ...one, frontends: 0 });
  return [
    { ...lineOf(`${FRONTENDS} frontends that watch all`, whole, `; ${INCLUDED}`), aim: AIM },
    lineOf('no frontends', alone),
  ];
}

function lineOf(what: string, figures: OwnerFigures, included = ''): Line {
  const { failures, likes, logSeconds, lookUps, updatesPerSecond } = figures;
  if (failures.length > 0) throw new Error(`the dispatcher failed: ${failures.join('; ')}`);
  const read = `${likes} likes in ${logSeconds} s of the log, ${lookUps} looked up, `;
  const note = `${read}${Math.round(updatesPerSecond)} updates/s delivered${included}`;
  const about = { row: 'owner', what: `${what}: counted`, unit: 'likes/s of a core' };
  return { ...about, values: figures.likesPerCpuSecond, beside: [], note };
}

async function run({ crew }: Measuring, asked: OwnerAsked): Promise<OwnerFigures> {
  const args = ['--max-old-space-size=4096', PROGRAM, JSON.stringify(asked)];
  const command = { file: process.execPath, args, env: { NODE_ENV: 'production' } };
  const child = crew.start(command, { core: SERVER_CORE, stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('the dispatcher has no output');
  const output = await text(child.stdout);
  if (output === '') throw new Error('the dispatcher ended without figures');
  return JSON.parse(output) as OwnerFigures;
}
