import { bareBeside } from './bare-process';
import { descriptorLimit } from './descriptors';
import { readOptions } from './options';
import { reportOf } from './report';
import { kept } from './result';
import { Run } from './run';
import { driversText, stagesText } from './stage-report';
import { figuresOf, readStages } from './stages';

const FAILED_TO_START = 2;
// For the connections of POSTs, and the files that Node keeps open.
const SPARE_DESCRIPTORS = 400;
const INTERRUPTED = 130;
// npm sends a Ctrl-C again that the terminal has sent to this process.
const SAME_CTRL_C_MS = 1000;

async function main(): Promise<number> {
  const options = readOptions(process.argv);
  const { json, viewers, rate, seconds, url } = options;
  process.stderr.write(
    `${viewers} viewers at ${url.map((endpoint) => endpoint.href).join(' ')}, ` +
      `${rate} likes/s for ${seconds} s\n`,
  );
  if (viewers + SPARE_DESCRIPTORS > descriptorLimit()) {
    throw new Error(
      `one process holds at most ${descriptorLimit() - SPARE_DESCRIPTORS} viewers (ulimit -n); ` +
        'start several processes with the same --video, all but one with --rate 0',
    );
  }
  const { bare, stages = [] } = options;
  const before = await readStages(stages);
  const [result, drivers] = await Promise.all([
    new Run(options).play(endOnInterrupt()),
    bare ? bareBeside(seconds) : undefined,
  ]);
  const figures = figuresOf(before, await readStages(stages));
  const all = { ...result, drivers, stages: figures };
  const more = [driversText(drivers), stagesText(figures, result.delivered.meanMs)].join('');
  process.stdout.write(json ? `${JSON.stringify(all, null, 2)}\n` : reportOf(result) + more);
  return kept(result) ? 0 : 1;
}

function endOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  process.on('SIGINT', () => {
    if (first > 0 && Date.now() - first > SAME_CTRL_C_MS) {
      process.exit(INTERRUPTED);
    }
    first ||= Date.now();
    controller.abort();
  });
  return controller.signal;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = FAILED_TO_START;
  },
);
