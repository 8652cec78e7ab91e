import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { WINDOW_MS } from './window';

/** The link is cut for longer than owners remember what a peer counted, even after a takeover. */
const MIN_CUT_MS = 3 * WINDOW_MS;
const MAX_CUT_MS = 4 * WINDOW_MS;

/** The last copies arrive this long before the link is mended. */
const LAST_COPY_MS = 500;

/** Later cuts would only make the run longer. */
const LAST_CUT_AT_MS = 6_000;

/**
 * Cuts the link between the stores of two datacenters. Members send old ids to each of them, and
 * much later with any reaction to the other one.
 */
export function cutStores(all: Datacenters, crowd: Crowd): void {
  const { clock, random, worlds } = all;
  const one = random.pick(worlds);
  const other = random.pick(worlds.filter((world) => world !== one));
  const names = [one.name, other.name];
  const links = all.storeLinks.filter(({ from, to }) => names.includes(from) && names.includes(to));
  if (clock.monotonic() > LAST_CUT_AT_MS || links.some(({ isCut }) => isCut)) return;
  const cutMs = MIN_CUT_MS + random.below(MAX_CUT_MS - MIN_CUT_MS);
  for (const link of links) link.cut();
  one.faultsUntil = Math.max(one.faultsUntil, clock.monotonic() + cutMs);
  crowd.likeInBoth(one, other, cutMs - LAST_COPY_MS);
  crowd.likeInBoth(other, one, cutMs - LAST_COPY_MS);
  clock.after(cutMs, () => {
    for (const link of links) link.mend();
  });
}
