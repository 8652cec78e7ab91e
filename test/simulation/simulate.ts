import { createHash } from 'node:crypto';
import { every } from '../../runtime/clock';
import { brokenPromises, wrongLeases } from './checks';
import { Crowd } from './crowd';
import { Datacenters } from './datacenters';
import { ALL_FAULTS, type FaultKind, type Faults, restMs } from './fault-kinds';
import { heal, lastDeliveryAt, strike } from './faults';
import { wrongCounts, wrongPresence } from './leased-promises';
import { emptyRedisAtRest, promoteRedisAtRest, restoreRedisAtRest } from './redis-at-rest';
import { loseRemovalAtRest } from './removal-at-rest';
import type { Seeded } from './seeded';
import type { BrokenOptions } from './site';
import { loseTail } from './tail';
import { PRESENCE_GRACE_MS, TYPES } from './types';
import { channelOf, VIDEOS } from './videos';
import type { VirtualClock } from './virtual-clock';

const QUIET_MS = 1_000;
const TROUBLED_MS = 12_000;
const MEAN_LIKE_MS = 60;
const MEAN_LATER_LIKE_MS = 240;
const MEAN_VOTE_MS = 150;
const MEAN_LATER_VOTE_MS = 600;
const MEAN_COMMENT_MS = 150;
const MEAN_BURST_MS = 3_000;
const MEAN_DELETE_MS = 400;
const MEAN_RECEIPT_MS = 400;
const MEAN_PUT_MS = 400;
const MEAN_FAULT_MS = 400;
const MEAN_REJOIN_MS = 500;
const MEAN_DEPART_MS = 1_500;
const MEAN_TYPING_MS = 400;

/** A member whose last stream was on a lost frontend is offline this long after the rest. */
const PRESENCE_REST_MS = PRESENCE_GRACE_MS + 3_000;

/** The time between the last entry and the check of the promise. */
const ENTRY_REST_MS = 5_000;

const CALLS_A_FAULT = 12;

/** The time between two copies of Redis's data. */
const REDIS_COPY_MS = 500;

/** One in this many runs ends with a fault of a kind at rest; with no other kind, every run. */
const END_EVERY = 8;

/** What strikes at rest, in order; each resolves with the violations. */
const FAULTS_AT_REST = [
  ['unpublished', loseRemovalAtRest],
  ['redis', emptyRedisAtRest],
  ['redis-older', restoreRedisAtRest],
  ['redis-promoted', promoteRedisAtRest],
  ['tail', loseTail],
] as const;

/** The parameters of a run besides its seed. */
export interface Scenario {
  readonly broken?: BrokenOptions | undefined;
  readonly datacenters?: number | undefined;
  readonly faults?: Faults | undefined;
  /** Whether the outcome has a trace. */
  readonly isTraced?: boolean | undefined;
}

export interface Outcome {
  readonly seed: number;
  /** Violations of the promise; empty if it held. */
  readonly violations: readonly string[];
  /** The hash of every viewer's frames, in order: one seed is one run, to the byte. */
  readonly digest: string;
  /** The hash of the whole history: messages, writes and frames. */
  readonly trace?: string | undefined;
  /** The rows of all types. */
  readonly entries: number;
  readonly frames: number;
  /** Snapshots of feeds of which the viewer had one, and that it asked for since. */
  readonly repeatedSnapshots: number;
}

/** Runs the whole system once, from one seed: a quiet time, faults, rest. */
export async function simulate(seed: number, scenario: Scenario = {}): Promise<Outcome> {
  const { broken = {}, datacenters = 1, faults = ALL_FAULTS, isTraced = false } = scenario;
  const violations: string[] = [];
  const hash = createHash('sha256');
  let frames = 0;
  const all = new Datacenters(seed, datacenters, broken, isTraced);
  const received = (line: string): void => {
    frames += 1;
    hash.update(`${all.clock.now()} ${line}\n`);
    all.trace?.note('frame', line);
  };
  const crowd = new Crowd(all, faults, (what) => violations.push(what), received);
  crowd.connect();
  await all.clock.advance(QUIET_MS);
  await trouble(all, crowd, faults);
  heal(all, crowd);
  await rest(all, crowd, faults);
  violations.push(...(await brokenPromises(all, crowd)), ...(await wrongCounts(all, crowd)));
  await all.clock.advance(PRESENCE_REST_MS);
  violations.push(...(await wrongLeases(all)), ...(await wrongPresence(all, crowd)));
  crowd.members.close();
  for (const [kind, strikeAtRest] of FAULTS_AT_REST) {
    if (endsWith(kind, all, faults)) violations.push(...(await strikeAtRest(all, crowd)));
  }
  violations.push(...all.worlds.flatMap(({ servers }) => servers.ghosts.found));
  const entries = await storedEntries(all);
  return {
    seed,
    violations,
    digest: hash.digest('hex'),
    entries,
    frames,
    repeatedSnapshots: crowd.viewers.reduce((sum, each) => sum + each.feeds.repeatedSnapshots, 0),
    trace: all.trace?.digest(),
  };
}

async function trouble(all: Datacenters, crowd: Crowd, faults: Faults): Promise<void> {
  const { clock, network } = all;
  const random = all.random.fork();
  const end = clock.monotonic() + TROUBLED_MS;
  const copies = every(clock, REDIS_COPY_MS, () => copyRedis(all, faults));
  if (faults.has('network')) network.faultEvery = CALLS_A_FAULT;
  often(clock, random, MEAN_LIKE_MS, end, () => crowd.like());
  often(clock, random, MEAN_VOTE_MS, end, () => crowd.vote());
  talk(all, crowd, end);
  often(clock, random, MEAN_TYPING_MS, end, () => crowd.members.type());
  if (faults.has('viewers')) {
    often(clock, random, MEAN_REJOIN_MS, end, () => crowd.rejoin());
    often(clock, random, MEAN_DEPART_MS, end, () => crowd.members.depart());
  }
  often(clock, random, MEAN_FAULT_MS, end, () => strike(all, crowd, faults));
  await clock.advance(TROUBLED_MS);
  const faultsUntil = Math.max(...all.worlds.map((world) => world.faultsUntil));
  // Entries continue, because owners remove old ids only when new ones arrive.
  later(all, crowd, faultsUntil);
  await clock.advance(Math.max(0, faultsUntil - clock.monotonic()));
  copies.cancel();
}

function talk({ clock, random }: Datacenters, { talk: of }: Crowd, end: number): void {
  const draws = random.fork();
  often(clock, draws, MEAN_COMMENT_MS, end, () => of.comment());
  often(clock, draws, MEAN_BURST_MS, end, () => of.burst());
  often(clock, draws, MEAN_DELETE_MS, end, () => of.delete());
  often(clock, draws, MEAN_RECEIPT_MS, end, () => of.receipt());
  often(clock, draws, MEAN_PUT_MS, end, () => of.put());
}

async function copyRedis(all: Datacenters, faults: Faults): Promise<void> {
  if (!faults.has('redis-older') && !faults.has('redis-promoted')) return;
  for (const { servers } of all.worlds) await servers.keepCopy();
}

/**
 * Entries continue until the last held append has arrived, so that owners remove old ids.
 * Then the run waits, for a time after the last fault and for another after the last entry.
 */
async function rest(all: Datacenters, crowd: Crowd, faults: Faults): Promise<void> {
  const now = all.clock.monotonic();
  const lastFaultAt = Math.max(now, lastDeliveryAt(all));
  later(all, crowd, lastFaultAt);
  await all.clock.advance(lastFaultAt - now);
  const end = Math.max(lastFaultAt + restMs(faults), crowd.clients.lastSentAt + ENTRY_REST_MS);
  await all.clock.advance(end - lastFaultAt);
}

/** Fewer likes and votes than before, until `end` by the monotonic clock. */
function later({ clock, random }: Datacenters, crowd: Crowd, end: number): void {
  often(clock, random.fork(), MEAN_LATER_LIKE_MS, end, () => crowd.like());
  often(clock, random.fork(), MEAN_LATER_VOTE_MS, end, () => crowd.vote());
}

async function storedEntries({ first: { servers } }: Datacenters): Promise<number> {
  let stored = 0;
  for (const type of TYPES.logged) {
    for (const video of VIDEOS) stored += (await servers.entries(type, channelOf(video))).length;
  }
  return stored;
}

function often(
  clock: VirtualClock,
  random: Seeded,
  meanMs: number,
  end: number,
  task: () => void,
): void {
  clock.after(random.below(2 * meanMs), () => {
    if (clock.monotonic() >= end) return;
    task();
    often(clock, random, meanMs, end, task);
  });
}

function endsWith(kind: FaultKind, all: Datacenters, faults: Faults): boolean {
  return faults.has(kind) && (faults.size === 1 || all.random.once(END_EVERY));
}
