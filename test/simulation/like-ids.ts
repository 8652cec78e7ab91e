import type { Seeded } from './seeded';

const MAX_SKEW_MS = 100;

/** The clocks of some members are wrong by up to this. */
const MAX_WRONG_MS = 10_000;

/** The least age of an old id that has a time: twice the window. */
const MIN_OLD_MS = 12_000;

/** The id of a new like: mostly a UUIDv7 of now; undefined if the server shall make it. */
export function drawId(random: Seeded, now: number): string | undefined {
  const kind = random.below(10);
  if (kind === 0) return undefined;
  if (kind === 1) return `own-${random.entropy.secretId()}`;
  const max = kind === 2 ? MAX_WRONG_MS : MAX_SKEW_MS;
  return random.entropy.timedId(now + random.below(2 * max) - max);
}

/** An id that each owner looks up: no UUIDv7, or one that is not young any more. */
export function drawOldId(random: Seeded, now: number): string {
  if (random.once(2)) return `own-${random.entropy.secretId()}`;
  return random.entropy.timedId(now - MIN_OLD_MS - random.below(MIN_OLD_MS));
}
