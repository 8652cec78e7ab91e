import type { Entry, Recent, RecentRow } from '../policy';
import type { Versioned } from '../state';
import { firstAfter, type Ring, type RingEntry } from './append-ring';

/** The entries and deletions above the floor, in the order of their offsets. */
export function recentOf<Body>({ state }: Versioned<Ring<Body>>): Recent {
  const { deletions, entries, floor } = state;
  const rows: RecentRow[] = [
    ...entries.slice(firstAfter(entries, floor)).map(rowOf),
    ...deletions.slice(firstAfter(deletions, floor)).map((of) => ({ ...of, isDeletion: true })),
  ];
  // Few states have deletions; without them the rows are in order.
  if (deletions.length > 0) rows.sort((one, other) => one.offset - other.offset);
  return { floor, rows };
}

// Without a copy of the entry: each page of a history reads up to 256 rows.
function rowOf<Body>(entry: RingEntry<Body>): RecentRow {
  const { id: entryId, offset: at } = entry;
  return { offset: at, id: entryId, isDeletion: false, entry: hasBody(entry) ? entry : undefined };
}

function hasBody<Body>(entry: RingEntry<Body>): entry is RingEntry<Body> & Entry<Body> {
  return entry.body !== undefined;
}
