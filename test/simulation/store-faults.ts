import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { WINDOW_MS } from './window';

/** The link is cut for longer than owners remember what a peer counted: two retentions. */
const MIN_CUT_MS = 2.5 * WINDOW_MS;
const MAX_CUT_MS = 3 * WINDOW_MS;

/** The last copies arrive this long before the link is mended. */
const LAST_COPY_MS = 500;

/**
 * Cuts the link between the stores of two datacenters. Members send old ids to the one, and much
 * later with any reaction to the other.
 */
export function cutStores(all: Datacenters, crowd: Crowd): void {
  const { clock, random, worlds } = all;
  const first = random.pick(worlds);
  const second = random.pick(worlds.filter((world) => world !== first));
  const names = [first.name, second.name];
  const links = all.storeLinks.filter(({ from, to }) => names.includes(from) && names.includes(to));
  if (links.some(({ isCut }) => isCut)) return;
  const cutMs = MIN_CUT_MS + random.below(MAX_CUT_MS - MIN_CUT_MS);
  for (const link of links) link.cut();
  first.faultsUntil = Math.max(first.faultsUntil, clock.monotonic() + cutMs);
  crowd.likeInBoth(first, second, cutMs - LAST_COPY_MS);
  clock.after(cutMs, () => {
    for (const link of links) link.mend();
  });
}
