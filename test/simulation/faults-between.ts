import { SESSION_MS } from '../../adapters/embedded/group';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { drawOldId } from './like-ids';
import { killDispatchers } from './process-faults';
import { WINDOW_MS } from './window';
import type { World } from './world';

/** The link is cut for longer than owners keep a peer's ids, even after a takeover. */
const MIN_CUT_MS = 3 * WINDOW_MS;
const MAX_CUT_MS = 4 * WINDOW_MS;

/** Later cuts would only make the run longer. */
const LAST_CUT_AT_MS = 6_000;

/** Old ids that are sent to each side, and how long before the end of the cut most copies come. */
const OLD_IDS = 6;
const EARLY_COPY_EVERY = 4;
const LAST_COPY_MS = 500;

/** New owners read what peers published up to this much later than their own log. */
const MAX_FEED_DELAY_MS = 3_000;

/** Ids that are young when their copies arrive; the owners die before. */
const YOUNG_IDS = 6;
const OWNERS_DIE_MS = 700;
const MAX_COPY_MS = 600;

/**
 * Cuts the link between the stores of two datacenters. Members send old ids and votes to
 * each of them, and much later with any body to the other one.
 */
export function cutStores(all: Datacenters, crowd: Crowd): void {
  const { clock, random } = all;
  const [one, other] = pickTwo(all);
  const names = [one.name, other.name];
  const links = all.storeLinks.filter(({ from, to }) => names.includes(from) && names.includes(to));
  if (clock.monotonic() > LAST_CUT_AT_MS || links.some(({ isCut }) => isCut)) return;
  const cutMs = MIN_CUT_MS + random.below(MAX_CUT_MS - MIN_CUT_MS);
  for (const link of links) link.cut();
  one.faultsUntil = Math.max(one.faultsUntil, clock.monotonic() + cutMs);
  const lastMs = cutMs - LAST_COPY_MS;
  for (let left = OLD_IDS; left > 0; left--) {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const copyMs = random.once(EARLY_COPY_EVERY) ? random.below(lastMs) : lastMs;
      crowd.likeInBoth(drawOldId(random, nowOf(all)), first, second, copyMs);
      if (random.once(2)) crowd.voteInBoth(first, second, copyMs);
    }
  }
  clock.after(cutMs, () => {
    for (const link of links) link.mend();
  });
}

/**
 * The owners of a datacenter die after they read a peer's update and before a copy of one of its
 * likes comes. The new owners count the copy, and read the update again only later.
 */
export function delayPeers(all: Datacenters, crowd: Crowd): void {
  const { clock, random } = all;
  const [peer, world] = pickTwo(all);
  world.peerDelayMs = random.below(MAX_FEED_DELAY_MS);
  for (let left = YOUNG_IDS; left > 0; left--) {
    const copyMs = OWNERS_DIE_MS + random.below(MAX_COPY_MS);
    crowd.likeInBoth(random.entropy.timedId(nowOf(all)), peer, world, copyMs);
    if (random.once(2)) crowd.voteInBoth(peer, world, copyMs);
  }
  clock.after(OWNERS_DIE_MS, () => killDispatchers(world));
  clock.after(OWNERS_DIE_MS + SESSION_MS + MAX_FEED_DELAY_MS, () => {
    world.peerDelayMs = 0;
  });
}

function pickTwo({ random, worlds }: Datacenters): [World, World] {
  const one = random.pick(worlds);
  return [one, random.pick(worlds.filter((world) => world !== one))];
}

function nowOf({ clock }: Datacenters): number {
  return Math.floor(clock.now());
}
