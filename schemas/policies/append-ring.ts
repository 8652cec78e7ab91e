import { z } from 'zod';
import { id } from '../ids';
import type { Entry } from '../policy';
import type { Versioned } from '../state';

/** The most entries of a ring, those without a body included. */
export const MAX_ENTRIES = 256;

/** The most bytes of a ring's entries, about as JSON. */
export const MAX_RING_BYTES = 65_536;

/** The most deletions of a ring. */
export const MAX_DELETIONS = 256;

/** Bounds of a ring; beyond them the oldest entries and deletions are evicted. */
export interface RingBounds {
  readonly entries: number;
  readonly bytes: number;
  readonly deletions: number;
}

/** The bounds of a state, and of what the store and the cache have of it. */
export interface RingLimits {
  readonly held: RingBounds;
  readonly saved: RingBounds;
  readonly cached: RingBounds;
}

/**
 * The limits of all rings but those of tests. Saved are a snapshot's entries, and some deletions.
 * The cache has as much as a viewer that comes back is sent at once.
 */
export const RING_LIMITS: RingLimits = {
  held: { entries: MAX_ENTRIES, bytes: MAX_RING_BYTES, deletions: MAX_DELETIONS },
  saved: { entries: 20, bytes: 16_384, deletions: 64 },
  cached: { entries: 50, bytes: 32_768, deletions: 64 },
};

/** The bytes of a deletion's JSON, about. */
const DELETION_BYTES = 80;

/** The bytes of an entry's JSON besides its ids and its body. */
const ENTRY_FRAME_BYTES = 64;

/** An entry in a ring. */
export interface RingEntry<Body = unknown> extends Omit<Entry<Body>, 'body'> {
  /** Its offset in the log. */
  readonly offset: number;
  /** Absent if the entry is deleted. */
  readonly body?: Body | undefined;
}

/** The deletion of an entry of any log. */
export interface Deletion {
  /** The id of the entry. */
  readonly id: string;
  readonly offset: number;
}

/**
 * The newest entries and deletions of one log, the lowest offset first. A state of the version v
 * has all of them in the interval (floor, v], and may have some below it:
 *
 *     ── evicted ──┤floor├── all entries and deletions ──┤v
 *
 * A delta is the same with a high floor.
 */
export interface Ring<Body = unknown> {
  /** -1 if nothing was evicted. */
  readonly floor: number;
  /** The number of all entries and deletions of the channel in this log up to the version. */
  readonly count: number;
  readonly entries: readonly RingEntry<Body>[];
  readonly deletions: readonly Deletion[];
}

export const EMPTY_RING: Ring<never> = { floor: -1, count: 0, entries: [], deletions: [] };

const offset = z.int().nonnegative();

/** The shape of a ring whose entries have bodies of this shape. */
export function ringOf<Body>(body: z.ZodType<Body>): z.ZodType<Ring<Body>> {
  const entry = z.object({ id, memberId: id, at: z.int(), offset, body: body.optional() });
  return z.object({
    floor: z.int().min(-1),
    count: z.int().nonnegative(),
    entries: z.array(entry).max(MAX_ENTRIES),
    deletions: z.array(z.object({ id, offset })).max(MAX_DELETIONS),
  });
}

/**
 * The ring with one more entry, at an offset after all others. It has no body if the ring has its
 * deletion: that of a copy in another log was asked for where this log is.
 */
export function withEntry<Body>(
  ring: Ring<Body>,
  entry: RingEntry<Body>,
  bounds: RingBounds = RING_LIMITS.held,
): Ring<Body> {
  const isDeleted = ring.deletions.some(({ id: of }) => of === entry.id);
  const added = isDeleted ? withoutBody(entry) : entry;
  const entries = [...ring.entries, added];
  noteBytes(entries, bytesOf(ring.entries) + sizeOf(added));
  return bounded({ ...ring, count: ring.count + 1, entries }, bounds);
}

/** The ring with one more deletion; the entry with its id, if it is there, loses its body. */
export function withDeletion<Body>(
  ring: Ring<Body>,
  deletion: Deletion,
  bounds: RingBounds = RING_LIMITS.held,
): Ring<Body> {
  const entries = withoutBodies(ring.entries, new Set([deletion.id]));
  const deletions = [...ring.deletions, deletion];
  return bounded({ ...ring, count: ring.count + 1, entries, deletions }, bounds);
}

/** The part of a state that receivers of the version `since` lack. */
export function ringSince<Body>(
  state: Versioned<Ring<Body>>,
  since: number,
): Versioned<Ring<Body>> {
  const { count, deletions, entries, floor } = state.state;
  const delta = {
    floor: Math.max(floor, since),
    count,
    entries: entries.slice(firstAfter(entries, since)),
    deletions: deletions.slice(firstAfter(deletions, since)),
  };
  const isAll =
    delta.entries.length === entries.length && delta.deletions.length === deletions.length;
  return isAll ? state : { ...state, state: delta };
}

/** The index of the first item with a greater offset. New items are at the end. */
export function firstAfter(items: readonly { readonly offset: number }[], after: number): number {
  let first = items.length;
  while (first > 0 && (items[first - 1]?.offset ?? 0) > after) first -= 1;
  return first;
}

/** The size of an entry, about as JSON, bytes. */
export function sizeOf(entry: RingEntry): number {
  const known = knownSizes.get(entry);
  if (known !== undefined) return known;
  const { body, id: entryId, memberId } = entry;
  const ofBody = body === undefined ? 0 : Buffer.byteLength(JSON.stringify(body));
  const size = ENTRY_FRAME_BYTES + entryId.length + memberId.length + ofBody;
  knownSizes.set(entry, size);
  return size;
}

/** The sizes of entries, which are compared with several bounds. */
const knownSizes = new WeakMap<RingEntry, number>();

/** The sizes of lists of entries, so that one more entry costs only its own. */
const knownBytes = new WeakMap<readonly RingEntry[], number>();

/** The size of a ring, about as JSON, bytes. */
export function bytesOfRing({ deletions, entries }: Ring): number {
  return bytesOf(entries) + deletions.length * DELETION_BYTES + ENTRY_FRAME_BYTES;
}

/** The size of entries, about as JSON, bytes. */
export function bytesOf(entries: readonly RingEntry[]): number {
  const known = knownBytes.get(entries);
  if (known !== undefined) return known;
  let bytes = 0;
  for (const entry of entries) bytes += sizeOf(entry);
  knownBytes.set(entries, bytes);
  return bytes;
}

/** Notes the size of entries that `bytesOf` would compute. */
export function noteBytes(entries: readonly RingEntry[], bytes: number): void {
  knownBytes.set(entries, bytes);
}

/** Evicts the oldest entries and deletions beyond the bounds, and raises the floor above them. */
export function bounded<Body>(ring: Ring<Body>, most: RingBounds = RING_LIMITS.held): Ring<Body> {
  const { entries } = ring;
  let bytes = bytesOf(entries);
  let first = 0;
  while (entries.length - first > most.entries || bytes > most.bytes) {
    const evicted = entries[first];
    if (!evicted) break;
    bytes -= sizeOf(evicted);
    first += 1;
  }
  const after = withoutOldest(ring, first, most.deletions);
  if (first > 0) noteBytes(after.entries, bytes);
  return after;
}

/** The newest part of a ring, at least one entry; found from its end, because it is short. */
export function newestOf<Body>(ring: Ring<Body>, most: RingBounds): Ring<Body> {
  const { entries } = ring;
  let first = entries.length;
  let bytes = 0;
  while (first > 0 && entries.length - first < most.entries) {
    const next = entries[first - 1];
    bytes += next ? sizeOf(next) : 0;
    if (bytes > most.bytes && first < entries.length) break;
    first -= 1;
  }
  return withoutOldest(ring, first, most.deletions);
}

/** The ring without its first entries, and with at most so many deletions. */
function withoutOldest<Body>(ring: Ring<Body>, first: number, most: number): Ring<Body> {
  const { deletions, entries, floor } = ring;
  const [evicted, evictedDeletion] = [entries[first - 1], deletions.at(-1 - most)];
  if (!evicted && !evictedDeletion) return ring;
  return {
    ...ring,
    floor: Math.max(floor, evicted?.offset ?? -1, evictedDeletion?.offset ?? -1),
    entries: evicted ? entries.slice(first) : entries,
    deletions: evictedDeletion ? deletions.slice(-most) : deletions,
  };
}

/** The entries, those with one of these ids without their bodies. */
export function withoutBodies<Body>(
  entries: readonly RingEntry<Body>[],
  ids: ReadonlySet<string>,
): readonly RingEntry<Body>[] {
  const isHit = (entry: RingEntry<Body>) => entry.body !== undefined && ids.has(entry.id);
  if (!entries.some(isHit)) return entries;
  return entries.map((entry) => (isHit(entry) ? withoutBody(entry) : entry));
}

function withoutBody<Body>({ body: _, ...rest }: RingEntry<Body>): RingEntry<Body> {
  return rest;
}
