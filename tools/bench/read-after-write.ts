import { resolve } from 'node:path';
import type { Progress } from '../../compose/native/progress';
import { Site } from '../../test/stack/site';
import { figuresOf, readStages, type StageFigure } from '../load/stages';
import type { Crew } from './crew';
import { LikeReader, type ReadLag, type ReadLoad } from './read-lag';

/** The result of one build in one turn. */
export interface ReadTurn {
  readonly checkout: string;
  readonly lag: ReadLag;
  readonly stages: readonly StageFigure[];
}

export interface ReadAsked extends ReadLoad {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly turns: number;
}

/**
 * Runs two of each role of each build in turn, on Kafka, Cassandra and Redis on this machine.
 * Measures the time until GET contains an answered like.
 */
export async function readAfterWrite(
  crew: Crew,
  checkouts: readonly string[],
  asked: ReadAsked,
  progress: Progress,
): Promise<ReadTurn[]> {
  const site = new Site({ fullSpeed: true });
  const end = crew.adopt(() => site.end());
  const done: ReadTurn[] = [];
  try {
    progress.now('starting Kafka, Cassandra, Redis');
    await site.startServers();
    for (let turn = 0; turn < asked.turns; turn++) {
      for (const checkout of checkouts) {
        const result = await one(site, resolve(checkout), `r${done.length}`, asked, progress);
        done.push(result);
        progress.done(lineOf(result));
      }
    }
    return done;
  } finally {
    await end();
  }
}

async function one(
  site: Site,
  checkout: string,
  name: string,
  asked: ReadAsked,
  progress: Progress,
): Promise<ReadTurn> {
  progress.now(`${checkout}: starting two of each role`);
  await site.startAll({}, checkout);
  const urls = site.roles.producer.map(({ url }) => url);
  const reader = new LikeReader(urls, site.headers, name, asked);
  const endpoints = site.processes.map(({ adminUrl }) => new URL(adminUrl));
  try {
    progress.now(`${checkout}: warming up`);
    await reader.run(asked.warmUpSeconds);
    progress.now(`${checkout}: ${asked.likesPerSecond} likes/s over ${asked.videos} videos`);
    const before = await readStages(endpoints);
    const lag = await reader.run(asked.seconds);
    return { checkout, lag, stages: figuresOf(before, await readStages(endpoints)) };
  } finally {
    await reader.close();
    await site.endRoles();
  }
}

function lineOf({ checkout, lag, stages }: ReadTurn): string {
  const { max, p50, p90, p99, reads, refused } = lag;
  const ms = (value: number): string => value.toFixed(0);
  const figures = stages.map((each) => `${each.stage} ${ms(each.p50)}/${ms(each.p90)}`);
  return (
    `${checkout}: 201 → GET p50 ${ms(p50)} p90 ${ms(p90)} p99 ${ms(p99)} max ${ms(max)} ms ` +
    `(${reads} reads, ${refused} refused; stages p50/p90: ${figures.join(', ')})`
  );
}
