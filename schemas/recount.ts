import { compareOrigins } from './origins';
import { datacenterOf } from './peer-update';
import { type Counts, counter } from './policies/counter';

/** The origins that have a copy of a like, and those that do not count theirs. */
export interface LikeCopies {
  readonly origins: Iterable<string>;
  readonly withdrawn: ReadonlySet<string>;
}

/**
 * Whether a recount of `origin`, whose log is frozen, counts a like: it does if this is the
 * earliest origin (`compareOrigins`) with a copy that is not withdrawn. An earlier log in service
 * counts its copy. A later log in service does not: in the same datacenter its owner finds this
 * copy and skips its own; in another datacenter its owner cancels its own (`isContested`).
 */
export function countsIn(origin: string, { origins, withdrawn }: LikeCopies): boolean {
  let hasCopy = false;
  for (const other of origins) {
    if (withdrawn.has(other)) continue;
    if (other === origin) hasCopy = true;
    else if (compareOrigins(other, origin) < 0) return false;
  }
  return hasCopy;
}

/**
 * Whether a later datacenter has a copy, not withdrawn, of a like that a recount of `origin`
 * counts. An owner there may have counted its copy, and cancels it when `origin` publishes the id.
 */
export function isContested(origin: string, { origins, withdrawn }: LikeCopies): boolean {
  for (const other of origins) {
    if (!withdrawn.has(other) && datacenterOf(other) > datacenterOf(origin)) return true;
  }
  return false;
}

/** Whether counts are equal; a reaction that is counted 0 times may be left out. */
export function sameCounts(one: Counts, other: Counts): boolean {
  return counter.equal(withoutZeros(one), withoutZeros(other));
}

function withoutZeros(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
