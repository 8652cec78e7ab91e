import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '../../load/histogram';
import { Drivers } from './drivers';
import type { DriversAsked, DriversTurn } from './drivers-process';

const US_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;

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

async function main(): Promise<void> {
  const drivers = await Drivers.open(process.env);
  process.on('message', (asked: DriversAsked | 'end') => {
    const work = asked === 'end' ? drivers.close() : turn(drivers, asked);
    work.then((figures) => process.send?.(figures ?? 'ended')).catch(fail);
    if (asked === 'end') work.finally(() => process.disconnect());
  });
  process.send?.('ready');
}

function fail(error: unknown): void {
  process.stderr.write(`bare drivers: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

main().catch(fail);
