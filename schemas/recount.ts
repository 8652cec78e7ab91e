import { compareOrigins, datacenterOf } from './origins';

/** The origins that have a copy of an entry, and those that do not count theirs. */
export interface Copies {
  readonly origins: Iterable<string>;
  readonly withdrawn: ReadonlySet<string>;
}

/**
 * Whether a recount of `origin`, whose log is frozen, counts an entry: it does if this is the
 * earliest origin (`compareOrigins`) with a copy that is not withdrawn. An earlier log in service
 * counts its copy. A later log in service does not: in the same datacenter its owner finds this
 * copy and skips its own; in another datacenter its owner cancels its own (`isContested`).
 */
export function countsIn(origin: string, { origins, withdrawn }: Copies): boolean {
  let hasCopy = false;
  for (const other of origins) {
    if (withdrawn.has(other)) continue;
    if (other === origin) hasCopy = true;
    else if (compareOrigins(other, origin) < 0) return false;
  }
  return hasCopy;
}

/**
 * Whether a later datacenter has a copy, not withdrawn, of an entry that a recount of `origin`
 * counts. An owner there may have counted its copy, and cancels it when `origin` publishes the id.
 */
export function isContested(origin: string, { origins, withdrawn }: Copies): boolean {
  for (const other of origins) {
    if (!withdrawn.has(other) && datacenterOf(other) > datacenterOf(origin)) return true;
  }
  return false;
}
