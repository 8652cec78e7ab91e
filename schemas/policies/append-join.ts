import type { Versioned } from '../state';
import {
  bounded,
  bytesOf,
  noteBytes,
  RING_LIMITS,
  type Ring,
  type RingBounds,
  type RingEntry,
  withoutBodies,
} from './append-ring';

/**
 * Joins two states or deltas of one log. If the older one reaches the floor of the newer one, their
 * intervals are joined. Otherwise only the newer one is kept, with its high floor. Returns `one`
 * itself if the other has nothing more.
 */
export function joinRings<Body>(
  one: Versioned<Ring<Body>>,
  other: Versioned<Ring<Body>>,
  bounds: RingBounds = RING_LIMITS.held,
): Versioned<Ring<Body>> {
  const isNewer = other.version > one.version;
  if (!isNewer && other.state.floor >= one.state.floor) return one;
  const [older, newer] = isNewer ? [one, other] : [other, one];
  if (older.version < newer.state.floor) return newer;
  const state = joined(older.state, newer.state, bounds);
  // The bounds may have evicted all that the older one had more.
  if (!isNewer && state.floor >= one.state.floor) return one;
  return { ...newer, state };
}

/** Joins two rings of which the older one reaches the floor of the newer one. */
function joined<Body>(older: Ring<Body>, newer: Ring<Body>, bounds: RingBounds): Ring<Body> {
  const hasMore = newer.entries.length > 0 || newer.deletions.length > 0;
  if (!hasMore && newer.count === older.count) return older;
  const deletions = union(older.deletions, newer.deletions, (_, later) => later);
  const entries = unionOfEntries(older.entries, newer.entries);
  const deleted = new Set(newer.deletions.map((deletion) => deletion.id));
  const ring = {
    floor: Math.min(older.floor, newer.floor),
    count: newer.count,
    entries: deleted.size > 0 ? withoutBodies(entries, deleted) : entries,
    deletions,
  };
  return bounded(ring, bounds);
}

function unionOfEntries<Body>(
  older: readonly RingEntry<Body>[],
  newer: readonly RingEntry<Body>[],
): readonly RingEntry<Body>[] {
  // An entry never gets its body back.
  const entries = union(older, newer, (one, other) => (one.body === undefined ? one : other));
  if (entries !== older && entries.length === older.length + newer.length) {
    noteBytes(entries, bytesOf(older) + bytesOf(newer));
  }
  return entries;
}

/** All items of two lists, by offset; `pick` decides between two of one offset. */
function union<Item extends { readonly offset: number }>(
  older: readonly Item[],
  newer: readonly Item[],
  pick: (one: Item, other: Item) => Item,
): readonly Item[] {
  const [first] = newer;
  if (!first) return older;
  const last = older.at(-1);
  if (!last || last.offset < first.offset) return [...older, ...newer];
  const byOffset = new Map(older.map((item) => [item.offset, item]));
  for (const item of newer) {
    const same = byOffset.get(item.offset);
    byOffset.set(item.offset, same ? pick(same, item) : item);
  }
  return [...byOffset.values()].sort((one, other) => one.offset - other.offset);
}
