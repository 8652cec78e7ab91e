import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from '../../test/simulation/simulate';
import { type Options, scenarioOf } from './options';
import type { Answer } from './pool';

const options: Options = workerData;

// Refused likes throw thousands of errors a run, and a stack trace costs more than the rest of a
// refusal. A replay runs one seed, so it has stack traces.
if (options.seeds > 1) Error.stackTraceLimit = 0;

/** Runs each seed that it receives, and answers with the outcome. */
parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await answerOf(seed));
});

async function answerOf(seed: number): Promise<Answer> {
  try {
    return { outcome: await simulate(seed, scenarioOf(options)) };
  } catch (error) {
    return { seed, error: error instanceof Error ? String(error.stack) : String(error) };
  }
}
