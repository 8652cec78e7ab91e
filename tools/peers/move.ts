import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import type { PeerSites } from '../../test/stack/peer-sites';
import { kept, type Result } from '../load/result';
import { Run } from '../load/run';
import { loadOf, type Plan } from './plan';

const WARM_UP_MS = 4_000;
const AWAY_MS = 15_000;
const LOOK_MS = 20;
const MS = 1_000;

/** The result for viewers whose datacenter was killed. */
export interface Move {
  /** From the kill until all of them had a stream in the other one, s; undefined if it was late. */
  readonly movedAfter: number | undefined;
  readonly load: Result;
  readonly totals: readonly number[];
  readonly rows: number;
  readonly isExact: boolean;
}

/** Kills all processes of the first datacenter; its viewers reconnect to the other one. */
export async function move(peers: PeerSites, plan: Plan, viewers: number): Promise<Move> {
  const video = `move-${v7()}`;
  const over = new AbortController();
  const count = viewers * peers.sites.length;
  const { rate } = plan;
  const run = new Run(loadOf(peers, video, { rate, viewers: count, seconds: 10 * 60 }));
  const playing = run.play(over.signal);
  playing.catch(() => undefined);
  try {
    await pause(WARM_UP_MS);
    const site = peers.site(0);
    plan.say(`${viewers} viewers lose ${site.name} and come to the other one`);
    const all = [site.server, ...site.dispatchers];
    await Promise.all(all.map((role) => role.end('SIGKILL')));
    const movedAfter = await until(() => run.connected === count, AWAY_MS);
    await pause(AWAY_MS / 3);
    await Promise.all(all.map((role) => role.start()));
    await pause(WARM_UP_MS);
    over.abort();
    const load = await playing;
    const totals = await Promise.all(peers.sites.map((_, at) => peers.total(at, video)));
    const rows = (await peers.rows(video)).size;
    const isExact = kept(load) && totals.every((total) => total === rows);
    return { movedAfter, load, totals, rows, isExact };
  } finally {
    over.abort();
  }
}

async function until(check: () => boolean, ms: number): Promise<number | undefined> {
  const began = performance.now();
  // Until viewers have lost their connections, they still count as connected.
  await pause(LOOK_MS);
  while (performance.now() - began < ms) {
    if (check()) return (performance.now() - began) / MS;
    await pause(LOOK_MS);
  }
  return undefined;
}
