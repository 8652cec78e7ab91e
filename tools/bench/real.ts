import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { Site } from '../../test/stack/site';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Exactness, exactness } from './exactness';
import { momentOf, type Window, windowBetween } from './measure';
import { likesPost } from './servers/likestream';
import { VIDEO } from './target';

const MAX_VIEWERS = 19_000;
const CONNECT_MS = 120_000;
/** The JVMs compile for so long after the load has begun. */
const WARM_UP_MS = 90_000;

/** Viewers of one video on real servers. */
export interface RealLoad {
  readonly viewers: number;
  readonly likesPerSecond: number;
  readonly seconds: number;
}

export interface Real {
  readonly load: RealLoad;
  readonly open: number;
  readonly window: Window;
  readonly exact: Exactness;
}

/** The results of each load on real servers and two processes of each role on this machine. */
export async function real(
  crew: Crew,
  loads: readonly RealLoad[],
  progress: Progress,
): Promise<Real[]> {
  const site = new Site({ fullSpeed: true });
  const end = crew.adopt(() => site.end());
  try {
    progress.now('starting Kafka, Cassandra, Redis and two of each role');
    await site.start({ MAX_VIEWERS: String(MAX_VIEWERS) });
    const done: Real[] = [];
    // Each load has its own videos, so that the figures of a video are those of one load.
    for (const [at, load] of loads.entries()) done.push(await one(crew, site, load, at, progress));
    return done;
  } finally {
    await end();
  }
}

async function one(
  crew: Crew,
  site: Site,
  load: RealLoad,
  at: number,
  progress: Progress,
): Promise<Real> {
  const { likesPerSecond, seconds, viewers } = load;
  const producer = site.roles.producer[0];
  const headers = [`Authorization: Bearer ${site.token}`];
  const post = likesPost(producer?.port ?? 0);
  const of = (path: string): string => path.replace('@V@', `@V@-${at}`);
  const posting = { ...post, path: of(post.path), headers: [...headers, ...(post.headers ?? [])] };
  const ports = site.roles.frontend.map(({ port }) => port);
  const [first, ...others] = ports.map((port, index) => {
    const target = { port, path: of(`/stream?channel=video:${VIDEO}`), headers, post: posting };
    return { target, viewers: share(viewers, ports.length, index) };
  });
  if (!first || !producer) throw new Error('no frontend');
  const crowd = new Crowd(crew, first, ...others);
  progress.now(`connecting ${viewers} viewers`);
  const open = await crowd.connect(viewers, CONNECT_MS);
  crowd.rate(likesPerSecond);
  await sleep(WARM_UP_MS);
  progress.now(`${viewers} viewers, ${likesPerSecond} likes/s for ${seconds} s`);
  const server = { cpu: () => 0 };
  const from = await momentOf({ server, crowd });
  await sleep(seconds * 1_000);
  const window = windowBetween(from, await momentOf({ server, crowd }));
  crowd.rate(0);
  const name = (video: number): string => of(VIDEO).replace('@V@', String(video));
  const exact = await exactness(crowd, producer.url, 1, { token: site.token, name });
  await crowd.end();
  progress.done(`${viewers} viewers, ${likesPerSecond} likes/s: measured`);
  return { load, open, window, exact };
}

function share(viewers: number, ports: number, index: number): number {
  return Math.floor(viewers / ports) + (index < viewers % ports ? 1 : 0);
}
