import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_CORE, SERVER_CORE } from '../cores';
import { Crowd } from '../crowd';
import { median } from '../measure';
import { type Kind, Server } from '../server';
import { APPEND, PARSE } from '../servers/bare-writers';
import { likesPost, likestream } from '../servers/likestream';
import type { Measuring } from './asked';
import { dataBytes } from './data';
import type { Aim, Line } from './line';
import { withCookie } from './member-cookie';
import { type Posts, postsUnder, quiet } from './posts';

/** Without viewers no like is ever seen, so all connections are busy. */
const ALL = 1_000_000_000;
/** The CPU time in which V8 compiles the hot code of a server. */
const WARM_UP_CPU_S = 5;
const MAX_WARM_UP_MS = 30_000;
const POLL_MS = 100;
const WARM_UP_MS = 1_000;

/** Likes that are posted to the embedded mode. */
export interface Posting {
  readonly row: string;
  /** Likes in one post. */
  readonly batch: number;
  readonly aims: {
    readonly likes: Aim;
    readonly p99?: Aim;
    readonly halfP99?: Aim;
    readonly bytes: Aim;
  };
}

interface Side {
  readonly server: Server;
  readonly crowd: Crowd;
  readonly full: Posts[];
  readonly half: Posts[];
}

const KINDS: readonly Kind[] = [PARSE, APPEND];

/** Posts over 64 connections to the embedded mode and to bare servers in turn, each on one core. */
export async function posting(measuring: Measuring, row: Posting): Promise<Line[]> {
  const { asked, progress } = measuring;
  const sides: Side[] = [];
  try {
    for (const kind of [likestream(), ...KINDS]) {
      progress.now(`${row.row}: starting ${kind.title}`);
      sides.push(await start(measuring, kind, row.batch));
    }
    for (let turn = 0; turn < asked.turns; turn++) {
      for (const side of sides) {
        progress.now(`${row.row}, turn ${turn + 1}: ${side.server.kind.title}`);
        side.full.push(await turnOf(side, (crowd) => crowd.saturate(ALL), asked.seconds));
      }
    }
    if (row.aims.halfP99) await halves(measuring, sides);
    return await linesOf(row, sides);
  } finally {
    for (const { crowd, server } of sides) {
      await crowd.end();
      await server.end();
    }
  }
}

/** The same with half of the posts that each server took. */
async function halves({ asked, progress }: Measuring, sides: readonly Side[]): Promise<void> {
  for (let turn = 0; turn < asked.turns; turn++) {
    for (const side of sides) {
      const rate = median(side.full.map(({ likesPerSecond }) => likesPerSecond)) / 2;
      progress.now(`half of it, turn ${turn + 1}: ${side.server.kind.title}`);
      side.half.push(await turnOf(side, (crowd) => crowd.rate(rate), asked.seconds));
    }
  }
}

async function turnOf(side: Side, load: (crowd: Crowd) => void, seconds: number): Promise<Posts> {
  const posts = await postsUnder(side, load, { seconds, warmUpMs: WARM_UP_MS });
  await quiet(side.server);
  return posts;
}

async function start({ asked, crew }: Measuring, kind: Kind, batch: number): Promise<Side> {
  const server = await Server.start(crew, kind, SERVER_CORE);
  const post = await withCookie(likesPost(server.target.post.port, batch));
  const { videos } = asked;
  const target = { ...server.target, post };
  const crowd = new Crowd(crew, { target, viewers: 0, videos, core: CLIENT_CORE });
  const giveUpAt = performance.now() + MAX_WARM_UP_MS;
  crowd.saturate(ALL);
  while (server.cpu() < WARM_UP_CPU_S && performance.now() < giveUpAt) await sleep(POLL_MS);
  crowd.rate(0);
  await quiet(server);
  return { server, crowd, full: [], half: [] };
}

async function linesOf(row: Posting, sides: readonly Side[]): Promise<Line[]> {
  const [ours, ...bare] = sides;
  if (!ours) return [];
  const line = (
    [what, unit]: readonly [string, string],
    of: (side: Side) => number[],
    aim?: Aim,
  ): Line => ({
    ...{ row: row.row, what, unit, values: of(ours), ...(aim && { aim }) },
    beside: bare.map((side) => ({ title: side.server.kind.title, values: of(side) })),
    elsewhereCores: median([...ours.full, ...ours.half].map((each) => each.elsewhereCores)),
  });
  const { aims } = row;
  const { posted, postsRefused } = await ours.crowd.read();
  const bytes = dataBytes(ours.server) / posted;
  return [
    {
      ...line(['taken', 'likes/s'], ({ full }) => full.map((it) => it.likesPerSecond), aims.likes),
      note: `CPU of each server and of its load client, cores: ${sides.map(coresOf).join(', ')}`,
    },
    line(['answer p99, all connections busy', 'ms'], ({ full }) => p99s(full), aims.p99),
    ...(aims.halfP99
      ? [line(['answer p99 at half of that', 'ms'], ({ half }) => p99s(half), aims.halfP99)]
      : []),
    {
      ...{ row: row.row, what: 'on disk after the run', unit: 'bytes a like', values: [bytes] },
      ...{ beside: [], aim: aims.bytes, note: 'nothing of the log trimmed' },
    },
    ...(postsRefused > 0
      ? [{ row: row.row, what: 'refused', unit: 'posts', values: [postsRefused], beside: [] }]
      : []),
  ];
}

// A client that uses a whole core limits the figure; so does a server that gets less than a core.
function coresOf({ full, server }: Side): string {
  const of = (value: (posts: Posts) => number): string => median(full.map(value)).toFixed(2);
  return `${server.kind.title} ${of((it) => it.cores)} · ${of((it) => it.clientCores)}`;
}

function p99s(all: readonly Posts[]): number[] {
  return all.map(({ p99Ms }) => p99Ms);
}
