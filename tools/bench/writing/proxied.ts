import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseDoor } from '../../../compose/app/door';
import { freePorts } from '../../../compose/native/ports';
import { seat, warmUp } from '../compare';
import { useAllCores } from '../cores';
import { Crowd } from '../crowd';
import { median, momentOf, type Window, windowBetween } from '../measure';
import { portOpens, Server } from '../server';
import { likestream } from '../servers/likestream';
import { VIDEO } from '../target';
import type { Measuring } from './asked';
import type { Aim, Line } from './line';
import { type Posts, postsBetween } from './posts';

const VIEWERS = 1_000;
const LIKES_A_SECOND = 100;
const WARM_UP_MS = 3_000;
const SETTLE_MS = 1_000;
const MS_PER_SECOND = 1_000;

/** A way to the embedded mode; its viewers watch a video of their own. */
interface Way {
  readonly title: string;
  readonly viewers: Crowd;
  readonly poster: Crowd;
  readonly turns: { readonly window: Window; readonly posts: Posts }[];
  readonly aims: Aims;
}

type Aims = Readonly<Partial<Record<'p50' | 'p90' | 'post' | 'frames', Aim>>>;

const DIRECT: Aims = { p50: { most: 25 }, p90: { most: 45 }, frames: { most: 30 } };
const PROXIED: Aims = { p50: { most: 30 }, p90: { most: 65 }, post: { most: 15 } };

/** 1,000 viewers with 100 likes/s, directly and through the proxy; everything on all cores. */
export async function proxied(measuring: Measuring): Promise<Line[]> {
  const { asked, crew, progress } = measuring;
  useAllCores();
  const server = await Server.start(crew, likestream());
  const folder = join(server.folder, 'proxy');
  mkdirSync(folder);
  const proxy = await startProxy(measuring, folder, server.target.port);
  const ways = [
    wayOf(measuring, server, { title: 'direct', port: server.target.port, aims: DIRECT }),
    wayOf(measuring, server, { title: 'through nginx', port: proxy.port, aims: PROXIED }),
  ];
  try {
    for (const { viewers } of ways) await warmUp(viewers, server.kind);
    for (const { viewers } of ways) await seat(viewers, VIEWERS, server.kind);
    for (let turn = 0; turn < asked.turns; turn++) {
      for (const way of ways) {
        progress.now(`proxied, turn ${turn + 1}: ${way.title}`);
        way.turns.push(await turnOf(way, server, asked.seconds));
      }
    }
    return ways.flatMap(linesOf);
  } finally {
    for (const { poster, viewers } of ways) await Promise.all([poster.end(), viewers.end()]);
    await crew.end(proxy.child);
    await server.end();
  }
}

async function startProxy({ crew }: Measuring, folder: string, port: number) {
  const [doorPort = 0] = await freePorts(1, [port]);
  const member = { name: '', port, adminPort: 0 };
  const members = [
    { ...member, role: 'producer' as const },
    { ...member, role: 'frontend' as const },
  ];
  const plan = { doorPort, jwtSecret: '', serviceSecret: '', members };
  const command = chooseDoor('any', folder, plan);
  if (command.file !== 'nginx') throw new Error('nginx is missing: apt-get install nginx-light');
  const child = crew.start(command, { folder, log: join(folder, 'output.log') });
  if (!(await portOpens(doorPort))) throw new Error('nginx did not start');
  return { child, port: doorPort };
}

function wayOf(
  { crew }: Measuring,
  { target }: Server,
  { aims, port, title }: { readonly title: string; readonly port: number; readonly aims: Aims },
): Way {
  const of = (path: string): string => path.replace(VIDEO, `${VIDEO}-${port}`);
  const post = { ...target.post, port, path: of(target.post.path) };
  const own = { port, path: of(target.path), post };
  // Posts have a process of their own, so that an answer does not wait behind frames.
  const viewers = new Crowd(crew, { target: own, viewers: VIEWERS });
  return { title, viewers, poster: new Crowd(crew, { target: own, viewers: 0 }), turns: [], aims };
}

async function turnOf({ poster, viewers }: Way, server: Server, seconds: number) {
  poster.rate(LIKES_A_SECOND);
  await sleep(WARM_UP_MS);
  const from = await Promise.all([viewers, poster].map((crowd) => momentOf({ server, crowd })));
  await sleep(seconds * MS_PER_SECOND);
  const to = await Promise.all([viewers, poster].map((crowd) => momentOf({ server, crowd })));
  poster.rate(0);
  await sleep(SETTLE_MS);
  const [seenFrom, postedFrom] = from;
  const [seenTo, postedTo] = to;
  if (!seenFrom || !postedFrom || !seenTo || !postedTo) throw new Error('no moments');
  return { window: windowBetween(seenFrom, seenTo), posts: postsBetween(postedFrom, postedTo) };
}

function linesOf({ aims, title, turns }: Way): Line[] {
  const line = (what: string, unit: string, values: number[], aim?: Aim): Line => ({
    ...{ row: 'proxied', what: `${title}: ${what}`, unit, values, beside: [] },
    ...(aim && { aim }),
  });
  const windows = turns.map(({ window }) => window);
  const frames = windows.map(({ framesPerSecond }) => framesPerSecond / VIEWERS);
  const p50 = windows.map(({ p50Ms }) => p50Ms);
  const p90 = windows.map(({ p90Ms }) => p90Ms);
  const posts = turns.map((turn) => turn.posts.p50Ms);
  const cores = median(windows.map((window) => window.cores));
  return [
    {
      ...line('like → viewer p50', 'ms', p50, aims.p50),
      note: `server: ${cores.toFixed(2)} cores`,
    },
    line('like → viewer p90', 'ms', p90, aims.p90),
    line('POST p50', 'ms', posts, aims.post),
    line('frames of a viewer', 'frames/s', frames, aims.frames),
  ];
}
