import { compareOrigins } from './origins';
import { type Counts, counter } from './policies/counter';

/** The origins that have a copy of a like, and those that do not count theirs. */
export interface LikeCopies {
  readonly origins: Iterable<string>;
  readonly withdrawn: ReadonlySet<string>;
}

/**
 * Whether a recount of `origin`, whose log is frozen, counts a like. It does if that origin has a
 * copy that is not withdrawn, and no other origin counts the like. An origin with a live log counts
 * its copy. Of frozen origins, the earliest one (`compareOrigins`) counts its copy.
 */
export function countsIn(
  origin: string,
  { origins, withdrawn }: LikeCopies,
  isLive: (origin: string) => boolean,
): boolean {
  let hasCopy = false;
  for (const other of origins) {
    if (withdrawn.has(other)) continue;
    if (other === origin) hasCopy = true;
    else if (isLive(other) || compareOrigins(other, origin) < 0) return false;
  }
  return hasCopy;
}

/** Whether counts are equal; a reaction that is counted 0 times may be left out. */
export function sameCounts(one: Counts, other: Counts): boolean {
  return counter.equal(withoutZeros(one), withoutZeros(other));
}

function withoutZeros(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
