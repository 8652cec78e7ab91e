import { setTimeout as sleep } from 'node:timers/promises';
import { seat, warmUp } from '../compare';
import { CLIENT_CORE, SERVER_CORE } from '../cores';
import { Crowd } from '../crowd';
import { median, momentOf, type Window, windowBetween } from '../measure';
import { Server } from '../server';
import { likesPost, likestream } from '../servers/likestream';
import type { Measuring } from './asked';
import type { Aim, Line } from './line';
import { quiet } from './posts';

const VIEWERS = 1_000;
const ALL = 1_000_000_000;
const BATCH = 50;
const CALM_RATE = 100;
const WARM_UP_MS = 3_000;
const MS_PER_SECOND = 1_000;

/** How likes are posted while viewers' latency is measured. */
interface Load {
  readonly what: string;
  readonly batch: number;
  readonly load: (crowd: Crowd) => void;
  readonly aim?: Aim;
}

const AIM = { most: 250 };
const LOADS: readonly Load[] = [
  { what: `at ${CALM_RATE} likes/s`, batch: 1, load: (crowd) => crowd.rate(CALM_RATE) },
  { what: 'port saturated', batch: 1, load: (crowd) => crowd.saturate(ALL), aim: AIM },
  { what: 'saturated by batches', batch: BATCH, load: (crowd) => crowd.saturate(ALL), aim: AIM },
];

/** The latency of viewers of one video while the port takes as many likes as it can. */
export async function saturated(measuring: Measuring): Promise<Line[]> {
  const { asked, crew, progress } = measuring;
  const server = await Server.start(crew, likestream(), SERVER_CORE);
  const { port } = server.target.post;
  // Posts and viewers have a process each, so that neither waits for the other one's bytes.
  const viewers = new Crowd(crew, { target: server.target, viewers: VIEWERS, core: CLIENT_CORE });
  const posters = LOADS.map(({ batch }) => {
    const target = { ...server.target, post: likesPost(port, batch) };
    return new Crowd(crew, { target, viewers: 0, core: CLIENT_CORE });
  });
  const windows = LOADS.map((): Window[] => []);
  try {
    await warmUp(viewers, server.kind);
    await seat(viewers, VIEWERS, server.kind);
    for (let turn = 0; turn < asked.turns; turn++) {
      for (const [at, each] of LOADS.entries()) {
        const poster = posters[at];
        if (!poster) continue;
        progress.now(`saturated, turn ${turn + 1}: ${each.what}`);
        each.load(poster);
        await sleep(WARM_UP_MS);
        const from = await momentOf({ server, crowd: viewers });
        await sleep(asked.seconds * MS_PER_SECOND);
        windows[at]?.push(windowBetween(from, await momentOf({ server, crowd: viewers })));
        poster.rate(0);
        await quiet(server);
      }
    }
    return LOADS.map((each, at) => lineOf(each, windows[at] ?? []));
  } finally {
    await Promise.all([viewers, ...posters].map((crowd) => crowd.end()));
    await server.end();
  }
}

function lineOf({ aim, what }: Load, windows: readonly Window[]): Line {
  const taken = median(windows.map(({ likesPerSecond }) => likesPerSecond)) / VIEWERS;
  return {
    ...{ row: 'saturated', what: `viewers' p99, ${what}`, unit: 'ms', ...(aim && { aim }) },
    ...{ values: windows.map(({ p99Ms }) => p99Ms), beside: [] },
    elsewhereCores: median(windows.map(({ elsewhereCores }) => elsewhereCores)),
    note: `${Math.round(taken)} likes/s at each of ${VIEWERS} viewers`,
  };
}
