import { setTimeout as sleep } from 'node:timers/promises';
import type { Crowd } from '../crowd';
import { type Moment, momentOf } from '../measure';
import type { Server } from '../server';

const MS_PER_SECOND = 1_000;
const US_TO_MS = 0.001;
/** A server that uses less has nothing left to do, cores. */
const QUIET_CORES = 0.1;
const QUIET_CHECK_MS = 500;
const MAX_QUIET_CHECKS = 120;

/** The posts of one window. */
export interface Posts {
  readonly likesPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
  /** The server's CPU, in cores. */
  readonly cores: number;
  readonly clientCores: number;
  /** The CPU of other programs, in cores. */
  readonly elsewhereCores: number;
}

/** A server, and the process that posts to it. */
export interface Posted {
  readonly server: Pick<Server, 'cpu'>;
  readonly crowd: Crowd;
}

/** The posts that were answered between two moments. */
export function postsBetween(from: Moment, to: Moment): Posts {
  const seconds = (to.at - from.at) / MS_PER_SECOND;
  const { p50, p90, p99 } = to.reading.answers.quantiles(US_TO_MS);
  const [cpu, client] = [to.cpu - from.cpu, to.reading.cpu - from.reading.cpu];
  return {
    likesPerSecond: (to.reading.posted - from.reading.posted) / seconds,
    p50Ms: p50,
    p90Ms: p90,
    p99Ms: p99,
    refused: to.reading.postsRefused - from.reading.postsRefused,
    cores: cpu / seconds,
    clientCores: client / seconds,
    elsewhereCores: Math.max(0, to.machine - from.machine - cpu - client) / seconds,
  };
}

/** Measures one window under a load that begins `warmUpMs` before it; then the load ends. */
export async function postsUnder(
  posted: Posted,
  load: (crowd: Crowd) => void,
  { seconds, warmUpMs }: { readonly seconds: number; readonly warmUpMs: number },
): Promise<Posts> {
  load(posted.crowd);
  await sleep(warmUpMs);
  const from = await momentOf(posted);
  await sleep(seconds * MS_PER_SECOND);
  const posts = postsBetween(from, await momentOf(posted));
  posted.crowd.rate(0);
  return posts;
}

/** Resolves when a server has done its work, or after a minute. */
export async function quiet(server: Pick<Server, 'cpu'>): Promise<void> {
  for (let checks = 0; checks < MAX_QUIET_CHECKS; checks++) {
    const before = server.cpu();
    await sleep(QUIET_CHECK_MS);
    if (server.cpu() - before < (QUIET_CORES * QUIET_CHECK_MS) / MS_PER_SECOND) return;
  }
}
