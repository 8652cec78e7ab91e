import { parentPort, workerData } from 'node:worker_threads';
import { type Runs, scenarioOf } from './options';
import type { Answer } from './pool';
import { simulate } from './simulate';

/** Runs each seed that it receives, and answers with the outcome. */
parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await answerOf(seed));
});

async function answerOf(seed: number): Promise<Answer> {
  try {
    const runs: Runs = workerData;
    return { outcome: await simulate(seed, scenarioOf(runs)) };
  } catch (error) {
    return { seed, error: error instanceof Error ? String(error.stack) : String(error) };
  }
}
