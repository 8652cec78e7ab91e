import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { seat, warmUp } from './compare';
import { CLIENT_CORE, SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { exactness } from './exactness';
import { type Moment, momentOf, type Window, windowBetween, windowsOf } from './measure';
import { Server } from './server';
import { likesPost, likestream } from './servers/likestream';
import { postsBetween, quiet } from './writing/posts';

const VIDEOS = 1;
const ALL = 1_000_000_000;
const CALM_RATE = 100;
const CALM_S = 5;
const CAPACITY_S = 10;
const WARM_UP_MS = 3_000;
const OPEN_MS = 30_000;
const MOST_RECOVERY_S = 60;
/** Viewers' p99 is normal again below this multiple of what it was, or below so many ms. */
const NORMAL = { times: 2, ms: 100 };
const MS_PER_SECOND = 1_000;
const US_TO_MS = 0.001;

export interface OverloadAsked {
  readonly seconds: number;
  readonly viewers: number;
  /** Connections that post; a post for which none is free within 100 ms is left out. */
  readonly connections: number;
  /** The load as a multiple of what 64 connections that are always busy get accepted. */
  readonly times: number;
}

/** What happened under more than a server can take. */
export interface Overloaded {
  readonly checkout: string;
  /** Likes in one post. */
  readonly batch: number;
  /** Likes/s that were accepted from 64 connections that are always busy. */
  readonly capacity: number;
  /** Likes/s in the posts that were sent, and in those that were accepted. */
  readonly sent: number;
  readonly accepted: number;
  /** The time from each accepted post to its answer, ms. */
  readonly acceptedMs: { readonly p50: number; readonly p99: number };
  /** Refused posts among those that were answered, 0 to 1. */
  readonly refusedShare: number;
  /** Posts that were left out because each connection waited for an answer. */
  readonly unsentShare: number;
  readonly before: Window;
  readonly during: Window;
  readonly recoveryS: number;
  /** Whether all viewers have the total of `GET`, and that is the sum of the accepted likes. */
  readonly exact: boolean;
  readonly memory: { readonly before: number; readonly after: number };
}

/** Sends several times what a server can take, and looks what it does for viewers and posts. */
export async function overload(
  crew: Crew,
  { batch, checkout }: { readonly batch: number; readonly checkout: string },
  asked: OverloadAsked,
  progress: Progress,
): Promise<Overloaded> {
  const title = `lists of ${batch}`;
  const server = await Server.start(crew, likestream({ checkout }), SERVER_CORE);
  const { target } = server;
  const core = CLIENT_CORE;
  const crowd = new Crowd(crew, { target, viewers: asked.viewers, core });
  const post = likesPost(target.post.port, batch);
  const posting = { target: { ...target, post }, viewers: 0, core };
  const full = new Crowd(crew, posting);
  const many = { ...post, connections: asked.connections };
  const flood = new Crowd(crew, {
    ...{ ...posting, target: { ...target, post: many } },
    givesUp: true,
  });
  try {
    await warmUp(crowd, server.kind);
    await seat(crowd, asked.viewers, server.kind);
    progress.now(`${title}: what 64 connections get accepted`);
    const capacity = await capacityOf(server, full);
    const [before] = await calm(server, crowd, CALM_S);
    if (!before) throw new Error('no window');
    const memoryBefore = await server.memory();
    progress.now(`${title}: opening ${asked.connections} connections`);
    await flood.openPosters(asked.connections, OPEN_MS);
    progress.now(`${title}: ${asked.times} times ${capacity.toFixed(0)} likes/s`);
    const rate = (asked.times * capacity) / batch;
    const { during, posts } = await flooded({ server, crowd, flood }, rate, asked.seconds);
    const recoveryS = await recovery(server, crowd, before);
    await quiet(server);
    crowd.rate(0);
    const memoryAfter = await server.memory();
    const told = await exactness(crowd, `http://127.0.0.1:${target.port}`, VIDEOS);
    const all = await Promise.all([crowd, full, flood].map((each) => each.read()));
    const taken = all.reduce((sum, { posted }) => sum + posted, 0);
    return {
      ...{ checkout, batch, capacity, before, during, recoveryS, ...posts },
      exact: told.exact && told.total === taken,
      memory: { before: memoryBefore, after: memoryAfter },
    };
  } finally {
    await Promise.all([crowd, full, flood].map((each) => each.end()));
    await server.end();
  }
}

async function capacityOf(server: Server, crowd: Crowd): Promise<number> {
  crowd.saturate(ALL);
  await sleep(WARM_UP_MS);
  const from = await momentOf({ server, crowd });
  await sleep(CAPACITY_S * MS_PER_SECOND);
  const { likesPerSecond } = postsBetween(from, await momentOf({ server, crowd }));
  crowd.rate(0);
  await quiet(server);
  return likesPerSecond;
}

function calm(server: Server, crowd: Crowd, seconds: number): Promise<Window[]> {
  crowd.rate(CALM_RATE);
  return windowsOf({ server, crowd }, 1, seconds);
}

interface Flooded {
  readonly server: Server;
  readonly crowd: Crowd;
  readonly flood: Crowd;
}

async function flooded({ crowd, flood, server }: Flooded, rate: number, seconds: number) {
  crowd.rate(0);
  const [seen, sent] = [
    await momentOf({ server, crowd }),
    await momentOf({ server, crowd: flood }),
  ];
  flood.rate(rate);
  await sleep(seconds * MS_PER_SECOND);
  const [seenTo, sentTo] = [
    await momentOf({ server, crowd }),
    await momentOf({ server, crowd: flood }),
  ];
  flood.rate(0);
  return { during: windowBetween(seen, seenTo), posts: postsOf(sent, sentTo) };
}

function postsOf(from: Moment, to: Moment) {
  const seconds = (to.at - from.at) / MS_PER_SECOND;
  const of = (name: 'answered' | 'posted' | 'posts' | 'postsRefused' | 'unsent'): number =>
    to.reading[name] - from.reading[name];
  const { p50, p99 } = to.reading.accepted.quantiles(US_TO_MS);
  const [answered, refused, posts, unsent] = [
    ...[of('answered'), of('postsRefused')],
    ...[of('posts'), of('unsent')],
  ] as [number, number, number, number];
  return {
    sent: (posts * (of('posted') / Math.max(1, answered))) / seconds,
    accepted: of('posted') / seconds,
    acceptedMs: { p50, p99 },
    refusedShare: refused / Math.max(1, answered + refused),
    unsentShare: unsent / Math.max(1, posts + unsent),
  };
}

/** The seconds after the load until viewers' p99 of a second is normal. */
async function recovery(server: Server, crowd: Crowd, { p99Ms }: Window): Promise<number> {
  const normalMs = Math.max(NORMAL.ms, NORMAL.times * p99Ms);
  for (let second = 0; second < MOST_RECOVERY_S; second++) {
    const [window] = await calm(server, crowd, 1);
    if (window && window.likes > 0 && window.p99Ms <= normalMs) return second;
  }
  return MOST_RECOVERY_S;
}
