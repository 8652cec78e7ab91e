import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '../../load/histogram';
import { answerMessages } from './child-program';
import { Drivers } from './drivers';

const US_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;

/** One window of the bare drivers. */
export interface DriversAsked {
  readonly batch: number;
  readonly videos: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly seconds: number;
}

export interface DriversTurn {
  readonly likesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Keeps `connections` requests in flight; resolves with the figures after the warm-up. */
async function turn(drivers: Drivers, asked: DriversAsked): Promise<DriversTurn> {
  const answers = new Histogram();
  let [isOver, posted, next] = [false, 0, 0];
  const work = async (): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      await drivers.like(`bench-${next++ % asked.videos}`, asked.batch);
      posted += asked.batch;
      answers.record((performance.now() - began) * US_PER_MS);
    }
  };
  const all = Array.from({ length: asked.connections }, work);
  await sleep(asked.warmUpMs);
  answers.reset();
  const [before, from] = [posted, performance.now()];
  await sleep(asked.seconds * MS_PER_SECOND);
  const likesPerSecond = ((posted - before) * MS_PER_SECOND) / (performance.now() - from);
  const { p50, p99 } = answers.quantiles(1 / US_PER_MS);
  isOver = true;
  await Promise.all(all);
  return { likesPerSecond, p50Ms: p50, p99Ms: p99 };
}

const opening = Drivers.open(process.env);

answerMessages<DriversAsked | 'end'>(opening, async (message) => {
  const drivers = await opening;
  if (message !== 'end') return turn(drivers, message);
  await drivers.close();
  return 'ended';
});
