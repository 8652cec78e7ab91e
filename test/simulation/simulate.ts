import { createHash } from 'node:crypto';
import { counter } from '../../schemas/counter';
import { countsOf, toVector } from '../../schemas/state';
import { Crowd, channelOf, VIDEOS } from './crowd';
import { Datacenters } from './datacenters';
import { heal, strike } from './faults';
import type { BrokenParts, World } from './world';

const QUIET_MS = 1_000;
const TROUBLED_MS = 12_000;

/** The promise counts from rest: takeovers, leases and retries have their time. */
const REST_MS = 15_000;

const MEAN_LIKE_MS = 60;
const MEAN_FAULT_MS = 500;
const CALLS_A_FAULT = 12;

export interface Outcome {
  readonly seed: number;
  /** What broke the promise; empty when it held. */
  readonly violations: readonly string[];
  /** Of every frame that any viewer was sent, in order: one seed is one run, to the byte. */
  readonly digest: string;
  readonly likes: number;
  readonly frames: number;
}

/** Runs the whole system once, from one seed: some quiet, trouble of every kind, rest. */
export async function simulate(
  seed: number,
  broken: BrokenParts = {},
  datacenters = 1,
): Promise<Outcome> {
  const violations: string[] = [];
  const hash = createHash('sha256');
  let frames = 0;
  const all = new Datacenters(seed, datacenters, broken);
  const trace = (line: string): void => {
    frames += 1;
    hash.update(`${all.clock.now()} ${line}\n`);
  };
  const crowd = new Crowd(all, (what) => violations.push(what), trace);
  crowd.connect();
  await all.clock.advance(QUIET_MS);
  await trouble(all, crowd);
  heal(all, crowd);
  await all.clock.advance(REST_MS);
  violations.push(...(await check(all.first, crowd)));
  const likes = VIDEOS.reduce((sum, id) => sum + all.first.servers.rows(channelOf(id)).length, 0);
  return { seed, violations, digest: hash.digest('hex'), likes, frames };
}

async function trouble(all: Datacenters, crowd: Crowd): Promise<void> {
  const { clock, network } = all;
  const random = all.random.fork();
  const end = clock.now() + TROUBLED_MS;
  const often = (meanMs: number, task: () => void): void => {
    clock.after(random.below(2 * meanMs), () => {
      if (clock.now() >= end) return;
      task();
      often(meanMs, task);
    });
  };
  network.faultEvery = CALLS_A_FAULT;
  often(MEAN_LIKE_MS, () => crowd.like());
  often(MEAN_FAULT_MS, () => strike(all, crowd));
  await clock.advance(TROUBLED_MS);
}

/** The promise: what each viewer was last sent = what is saved = the rows; all answered are there. */
async function check(world: World, crowd: Crowd): Promise<string[]> {
  const wrong: string[] = [];
  for (const channel of VIDEOS.map(channelOf)) {
    const rows = world.servers.rows(channel);
    const ids = new Set(rows.map(({ likeId }) => likeId));
    const missing = [...(crowd.answered.get(channel) ?? [])].filter((id) => !ids.has(id));
    if (missing.length > 0) wrong.push(`${channel}: ${missing.length} answered and not stored`);
    const saved = countsOf(toVector(await world.servers.states.load([channel])));
    if (text(saved) !== text(countsOfRows(rows))) {
      wrong.push(`${channel}: counted ${text(saved)}, stored ${text(countsOfRows(rows))}`);
    }
    for (const [at, { totals }] of crowd.viewers.entries()) {
      const shown = totals.get(channel);
      if (shown !== undefined && shown !== rows.length) {
        wrong.push(`viewer-${at} was sent ${shown} of ${channel}, stored are ${rows.length}`);
      }
    }
  }
  for (const [at, viewer] of crowd.viewers.entries()) {
    if (viewer.totals.size === 0) wrong.push(`viewer-${at} was sent nothing`);
  }
  return wrong;
}

function countsOfRows(rows: readonly { reaction: string }[]) {
  return rows.reduce((sum, { reaction }) => counter.fold(sum, reaction), counter.empty);
}

function text(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count !== 0);
  return JSON.stringify(some.sort());
}
