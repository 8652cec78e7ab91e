import { compareOrigins } from '../origins';
import type { Vector } from '../state';
import { firstAfter, type Ring, type RingEntry } from './append-ring';

/** The ring of one origin, as viewers see it. */
export interface OriginRing<Body = unknown> {
  readonly origin: string;
  readonly version: number;
  readonly ring: Ring<Body>;
}

/** An entry that viewers are shown. */
export interface ShownEntry<Body = unknown> extends RingEntry<Body> {
  readonly body: Body;
}

/** A copy of an entry in the ring of an origin. */
export interface Copy {
  /** The index of the origin. */
  readonly at: number;
  readonly offset: number;
  readonly isShown: boolean;
}

/**
 * The rings of all origins in the order of their names. An id is shown once: the earliest
 * datacenter's entry. An id that any origin has deleted is not shown.
 */
export class AppendView<Body = unknown> {
  readonly origins: readonly OriginRing<Body>[];
  /** By id, its copies in the order of their origins; only if there are several origins. */
  private copiesOnce: ReadonlyMap<string, readonly Copy[]> | undefined;
  private deletedOnce: ReadonlySet<string> | undefined;

  constructor(vector: Vector<Ring<Body>>) {
    const names = Object.keys(vector).sort(compareOrigins);
    this.origins = names.flatMap((origin) => {
      const found = vector[origin];
      return found ? [{ origin, version: found.version, ring: found.state }] : [];
    });
  }

  /** Whether viewers are shown an entry of the origin with the index `at`. */
  isShown(at: number, entry: RingEntry<Body>): entry is ShownEntry<Body> {
    if (entry.body === undefined) return false;
    if (this.origins.length === 1) return true;
    if (this.deleted.has(entry.id)) return false;
    return this.shownElsewhere(at, entry.id) === undefined;
  }

  /** The copy of an id that viewers are shown, if another origin than the one with `at` has it. */
  shownElsewhere(at: number, entryId: string): Copy | undefined {
    if (this.origins.length === 1 || this.deleted.has(entryId)) return undefined;
    const shown = this.copiesOf(entryId).find(({ isShown }) => isShown);
    return shown?.at === at ? undefined : shown;
  }

  /**
   * Whether a viewer of these versions was sent the id by another origin than the one with the
   * index `at`.
   */
  wasSent(at: number, entryId: string, versions: ReadonlyMap<string, number>): boolean {
    if (this.origins.length === 1) return false;
    return this.copiesOf(entryId).some((copy) => {
      const seen = versions.get(this.origins[copy.at]?.origin ?? '') ?? -1;
      return copy.at !== at && copy.offset <= seen;
    });
  }

  /**
   * The newest shown entries, within these bounds, the oldest first: merged by `at`, in the order
   * of each origin.
   */
  newest<Shown extends { readonly bytes: number }>(
    most: { readonly entries: number; readonly bytes: number },
    show: (origin: string, entry: ShownEntry<Body>) => Shown,
  ): Shown[] {
    const found: Shown[] = [];
    const next = this.origins.map((_, at) => this.previousShown(at));
    let bytes = 0;
    while (found.length < most.entries) {
      const at = greatest(next.map((entry) => entry?.at));
      const [origin, entry] = [this.origins[at], next[at]];
      if (!origin || !entry) break;
      const shown = show(origin.origin, entry);
      bytes += shown.bytes + 1;
      if (bytes > most.bytes && found.length > 0) break;
      found.push(shown);
      next[at] = this.previousShown(at, entry.offset);
    }
    return found.reverse();
  }

  /** The number of entries of the rings that a viewer of these versions has not seen. */
  unseen(versions: ReadonlyMap<string, number>): number {
    let count = 0;
    for (const { origin, ring } of this.origins) {
      count += ring.entries.length - firstAfter(ring.entries, versions.get(origin) ?? -1);
    }
    return count;
  }

  /** The last shown entry of an origin before an offset. */
  private previousShown(
    at: number,
    before = Number.POSITIVE_INFINITY,
  ): ShownEntry<Body> | undefined {
    const entries = this.origins[at]?.ring.entries ?? [];
    for (let index = firstAfter(entries, before - 1) - 1; index >= 0; index--) {
      const entry = entries[index];
      if (entry && this.isShown(at, entry)) return entry;
    }
    return undefined;
  }

  private get deleted(): ReadonlySet<string> {
    this.deletedOnce ??= new Set(
      this.origins.flatMap(({ ring }) => ring.deletions.map((deletion) => deletion.id)),
    );
    return this.deletedOnce;
  }

  private copiesOf(entryId: string): readonly Copy[] {
    this.copiesOnce ??= this.allCopies();
    return this.copiesOnce.get(entryId) ?? [];
  }

  private allCopies(): ReadonlyMap<string, readonly Copy[]> {
    const copies = new Map<string, Copy[]>();
    for (const [at, { ring }] of this.origins.entries()) {
      for (const { body, id, offset } of ring.entries) {
        const copy = { at, offset, isShown: body !== undefined };
        const before = copies.get(id);
        if (before) before.push(copy);
        else copies.set(id, [copy]);
      }
    }
    return copies;
  }
}

/** Whether two views have the same entries, deletions and floors. */
export function sameViews(one: AppendView, other: AppendView): boolean {
  if (one.origins.length !== other.origins.length) return false;
  return one.origins.every(({ origin, ring }, at) => {
    const against = other.origins[at];
    return against?.origin === origin && sameRings(ring, against.ring);
  });
}

// Rings with one count and one floor differ at most in bodies, of deleted or cancelled entries.
function sameRings(one: Ring, other: Ring): boolean {
  if (one === other) return true;
  if (one.count !== other.count || one.floor !== other.floor) return false;
  if (one.entries === other.entries) return true;
  const ofOther = other.entries;
  return (
    one.entries.length === ofOther.length &&
    one.entries.every(({ body }, at) => (body === undefined) === (ofOther[at]?.body === undefined))
  );
}

/** The index of the greatest number; the last one of equal numbers; -1 if there is none. */
function greatest(numbers: readonly (number | undefined)[]): number {
  let found = -1;
  for (const [at, number] of numbers.entries()) {
    if (number !== undefined && number >= (numbers[found] ?? Number.NEGATIVE_INFINITY)) found = at;
  }
  return found;
}
