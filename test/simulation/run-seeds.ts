import { availableParallelism } from 'node:os';
import type { Runs } from '../../tools/simulate/options';
import { SimulationPool } from '../../tools/simulate/pool';
import { seedsFrom } from '../../tools/simulate/seeds';
import type { Outcome } from './simulate';

/**
 * Runs the seeds from `first` to `last` in threads of the compiled program, one for each core.
 * Jest's own thread uses one core, and makes each promise slower. Ends early if `done` returns
 * `stop`.
 */
export async function runSeeds(
  runs: Runs,
  first: number,
  last: number,
  done: (outcome: Outcome) => 'go on' | 'stop',
): Promise<void> {
  const seeds = last - first + 1;
  const jobs = Math.min(availableParallelism(), seeds);
  const pool = new SimulationPool(jobs, { ...runs, seed: first, seeds, jobs, find: false });
  try {
    await pool.run(seedsFrom(first, seeds), done);
  } finally {
    await pool.close();
  }
}
