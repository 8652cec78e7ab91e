import { every } from '../../runtime/clock';
import { brokenPromises } from './checks';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { wrongCounts, wrongPresence } from './leased-promises';
import { killAll, reviveAll } from './process-faults';
import { simulatedPartitionOf } from './types';
import { channelOf, VIDEOS } from './videos';
import { WINDOW_MS } from './window';

/** After this time, new owners no longer read back the entries before it. */
const GOING_ON_MS = 3 * WINDOW_MS;
const ENTER_EVERY_MS = 400;

/** Longer than dispatchers repeat a delivery. */
const LOST_MS = 8_000;

/** All viewers have joined again within this time, and the numbers of viewers are not saved yet. */
const MIN_JOINED_MS = 1_500;
const MAX_JOINED_MS = 1_900;

/** An entry is counted and cached in this time, and most frontends do not renew. */
const MAX_COUNTED_MS = 300;
const MIN_COUNTED_MS = 50;

/** Time for takeovers, judgements of leases, and renewals. */
const REST_MS = 15_000;

/** For each video, another one in its partition that has no viewers. */
const COMPANIONS = VIDEOS.map((video) => {
  const partition = simulatedPartitionOf(channelOf(video));
  for (let at = 0; ; at++) {
    const other = `other-${at}`;
    if (simulatedPartitionOf(channelOf(other)) === partition) return other;
  }
});

/**
 * At rest, Redis returns to its state before the last entries of each video, and all processes
 * start again. The logs have grown since, so no new owner reads these entries; only the store has
 * them.
 */
export async function restoreRedisAtRest(all: Datacenters, crowd: Crowd): Promise<string[]> {
  for (const { servers } of all.worlds) await servers.keepCopy();
  enterEach(VIDEOS, all, crowd);
  const entering = every(all.clock, ENTER_EVERY_MS, () => enterEach(COMPANIONS, all, crowd));
  await all.clock.advance(GOING_ON_MS);
  entering.cancel();
  await all.clock.advance(REST_MS);
  for (const world of all.worlds) {
    killAll(world);
    world.servers.goBack(0);
    reviveAll(world);
  }
  await all.clock.advance(REST_MS);
  return brokenPromises(all, crowd);
}

/**
 * At rest, Redis loses all data just after many changes of the numbers of viewers: frontends have
 * seen versions that neither Redis nor the store has.
 */
export async function emptyRedisAtRest(all: Datacenters, crowd: Crowd): Promise<string[]> {
  for (const viewer of crowd.viewers) viewer.rejoin();
  await all.clock.advance(MIN_JOINED_MS + all.random.below(MAX_JOINED_MS - MIN_JOINED_MS));
  for (const { servers } of all.worlds) servers.empty();
  await all.clock.advance(REST_MS);
  const wrong = [...(await brokenPromises(all, crowd)), ...(await wrongCounts(all, crowd))];
  return [...wrong, ...(await wrongPresence(all, crowd))];
}

/**
 * At rest, a replica of Redis is promoted that lacks the last entries, and their deliveries are
 * lost: frontends and Redis have the same states, and only the owners have newer ones.
 */
export async function promoteRedisAtRest(all: Datacenters, crowd: Crowd): Promise<string[]> {
  for (const world of all.worlds) {
    await world.servers.keepCopy();
    world.losesDeliveries = true;
  }
  enterEach(VIDEOS, all, crowd);
  await all.clock.advance(MIN_COUNTED_MS + all.random.below(MAX_COUNTED_MS - MIN_COUNTED_MS));
  for (const { servers } of all.worlds) servers.goBack(0);
  await all.clock.advance(LOST_MS);
  for (const world of all.worlds) world.losesDeliveries = false;
  await all.clock.advance(REST_MS);
  return [...(await brokenPromises(all, crowd)), ...(await wrongCounts(all, crowd))];
}

function enterEach(videos: readonly string[], all: Datacenters, crowd: Crowd): void {
  for (const video of videos) for (const world of all.worlds) crowd.likeAndVote(video, world);
}
