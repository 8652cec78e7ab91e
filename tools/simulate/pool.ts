import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../../compose/native/folders';
import type { Outcome } from '../../test/simulation/simulate';
import type { Options } from './options';

/** The compiled file, because the tests of the simulation start threads, too. */
const WORKER_FILE = join(ROOT, 'dist', 'tools', 'simulate', 'worker.js');

/** A worker's answer: the outcome of a run, or its error. */
export type Answer =
  | { readonly outcome: Outcome }
  | { readonly seed: number; readonly error: string };

/** Threads that run seeds, each one at a time. A seed always gives the same run. */
export class SimulationPool {
  private readonly workers: Worker[];

  constructor(jobs: number, options: Options) {
    this.workers = Array.from({ length: jobs }, () => {
      return new Worker(WORKER_FILE, { workerData: options });
    });
  }

  /**
   * Runs all seeds of `seeds`. Calls `done` with each outcome; ends early if `done` returns `stop`.
   * Rejects if a run fails.
   */
  async run(seeds: Iterator<number>, done: (outcome: Outcome) => 'go on' | 'stop'): Promise<void> {
    let isOver = false;
    const next = (): number | undefined => {
      const { done: isLast, value } = isOver ? { done: true, value: 0 } : seeds.next();
      return isLast ? undefined : value;
    };
    const feed = async (worker: Worker): Promise<void> => {
      for (let seed = next(); seed !== undefined; seed = next()) {
        const outcome = await runOn(worker, seed);
        if (!isOver && done(outcome) === 'stop') isOver = true;
      }
    };
    await Promise.all(this.workers.map(feed));
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function runOn(worker: Worker, seed: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => {
      reject(new Error(`seed ${seed} failed`, { cause: error }));
    };
    worker.once('error', failed);
    worker.once('message', (answer: Answer) => {
      worker.off('error', failed);
      if ('outcome' in answer) resolve(answer.outcome);
      else failed(answer.error);
    });
    worker.postMessage(seed);
  });
}
