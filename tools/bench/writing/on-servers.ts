import { Site } from '../../../test/stack/site';
import { useAllCores } from '../cores';
import { Crowd } from '../crowd';
import { median } from '../measure';
import { cpuSeconds, treeOf } from '../proc';
import { likesPost } from '../servers/likestream';
import type { Measuring } from './asked';
import { ChildProgram } from './child-program';
import type { DriversAsked, DriversTurn } from './drivers-program';
import type { Aim, Line } from './line';
import { type Posts, postsUnder, quiet } from './posts';

const ALL = 1_000_000_000;
const CONNECTIONS = 64;
const BATCHES = [1, 50];
/** The JVMs compile for so long; both sides are warmed up for this time in all. */
const FIRST_WARM_UP_S = 30;
const WARM_UP_MS = 2_000;
const LEAST_RATIO = 0.6;
const LEAST: Readonly<Record<number, number>> = { 1: 4_000, 50: 20_000 };

/** The figures of one size of requests. */
interface Size {
  readonly batch: number;
  readonly poster: Crowd;
  readonly ours: Posts[];
  readonly bare: DriversTurn[];
}

/** Likes on Kafka, Cassandra and Redis, by turns with the bare drivers; all on all cores. */
export async function onServers(measuring: Measuring): Promise<Line[]> {
  const { asked, crew, progress } = measuring;
  useAllCores();
  const site = new Site({ fullSpeed: true });
  const end = crew.adopt(() => site.end());
  try {
    progress.now('servers: starting Kafka, Cassandra, Redis and two of each role');
    await site.start();
    const drivers = await ChildProgram.start(crew, 'drivers-program', site.serverSettings);
    const sizes = BATCHES.map((batch) => sizeOf(measuring, site, batch));
    for (const size of sizes) {
      progress.now(`servers: warming up, ${size.batch} a request`);
      await turnOf(measuring, site, drivers, size, FIRST_WARM_UP_S);
      size.ours.pop();
      size.bare.pop();
    }
    for (let turn = 0; turn < asked.turns; turn++) {
      for (const size of sizes) {
        progress.now(`servers, turn ${turn + 1}: ${size.batch} a request`);
        await turnOf(measuring, site, drivers, size, asked.seconds);
      }
    }
    await drivers.ask('end');
    await drivers.end();
    for (const { poster } of sizes) await poster.end();
    return sizes.flatMap(linesOf);
  } finally {
    await end();
  }
}

function sizeOf({ asked, crew }: Measuring, site: Site, batch: number): Size {
  const port = site.roles.producer[0]?.port ?? 0;
  const { headers = [], ...post } = likesPost(port, batch);
  const authorized = [...headers, `Authorization: Bearer ${site.token}`];
  const target = { port, path: '/', post: { ...post, headers: authorized } };
  const poster = new Crowd(crew, { target, viewers: 0, videos: asked.videos });
  return { batch, poster, ours: [], bare: [] };
}

async function turnOf(
  { asked }: Measuring,
  site: Site,
  drivers: ChildProgram,
  size: Size,
  seconds: number,
): Promise<void> {
  const { batch, poster } = size;
  const cpu = (): number =>
    cpuSeconds(site.processes.flatMap(({ pid }) => (pid ? treeOf(pid) : [])));
  const window = { seconds, warmUpMs: WARM_UP_MS };
  const posted = { server: { cpu }, crowd: poster };
  size.ours.push(await postsUnder(posted, (crowd) => crowd.saturate(ALL), window));
  // The dispatchers may count for some time after the last post.
  await quiet({ cpu });
  const { videos } = asked;
  const bare: DriversAsked = { batch, videos, connections: CONNECTIONS, ...window };
  size.bare.push((await drivers.ask(bare)) as DriversTurn);
}

function linesOf({ bare, batch, ours }: Size): Line[] {
  const what = batch === 1 ? 'one a request' : `batches of ${batch}`;
  const line = (name: string, unit: string, of: (each: Posts | DriversTurn) => number): Line => ({
    ...{ row: 'servers', what: `${what}: ${name}`, unit, values: ours.map(of) },
    beside: [{ title: 'bare: drivers', values: bare.map(of) }],
  });
  const least = LEAST[batch];
  const aim: Aim = { ...(least !== undefined && { least }), leastRatio: LEAST_RATIO };
  const refused = ours.reduce((sum, each) => sum + each.refused, 0);
  const cores = median(ours.map((each) => each.cores));
  const note = `roles: ${cores.toFixed(2)} cores${refused > 0 ? `; ${refused} posts refused` : ''}`;
  return [
    { ...line('taken', 'likes/s', (each) => each.likesPerSecond), aim, note },
    line('answer p99', 'ms', (each) => each.p99Ms),
  ];
}
