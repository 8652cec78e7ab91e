import { descriptorLimit } from './descriptors';
import { readOptions } from './options';
import { reportOf } from './report';
import { kept } from './result';
import { Run } from './run';

const FAILED_TO_START = 2;
// For the connections that post, and what Node itself keeps open.
const SPARE_DESCRIPTORS = 400;
const INTERRUPTED = 130;
// npm passes on a Ctrl-C that the terminal has sent to this process already.
const SAME_CTRL_C_MS = 1000;

async function main(): Promise<number> {
  const options = readOptions(process.argv);
  const { json, viewers, rate, seconds, url } = options;
  process.stderr.write(
    `${viewers} viewers at ${url.map((door) => door.href).join(' ')}, ` +
      `${rate} likes/s for ${seconds} s\n`,
  );
  if (viewers + SPARE_DESCRIPTORS > descriptorLimit()) {
    throw new Error(
      `one process holds at most ${descriptorLimit() - SPARE_DESCRIPTORS} viewers here (ulimit -n): ` +
        'start several on the same --video, all but one with --rate 0',
    );
  }
  const result = await new Run(options).play(endOnInterrupt());
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : reportOf(result));
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
