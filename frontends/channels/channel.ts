import { channelKey, encodeSingle, type Place, placeOf } from '../../schemas/place';
import { type Counts, counter } from '../../schemas/policies/counter';
import { countsOf, mergeVectors, type Vector } from '../../schemas/state';
import type { Row } from '../viewers/session';
import { Audience } from './audience';
import { likesLines, snapshotLines } from './frames';

/** What a channel's viewers are being brought to, or were last. */
export interface Flushed {
  readonly place: Place & { readonly versions: Map<string, number> };
  readonly reactions: Counts;
  id: string;
}

/** A channel with viewers on this worker. */
export class Channel {
  readonly key: bigint;
  readonly audience = new Audience();
  /** Undefined until the first state has come: no snapshot before, never a made-up 0. */
  flushed: Flushed | undefined;
  /** The earliest time of the next flush, ms of the monotonic clock. */
  nextFlushAt = 0;
  /** The earliest time of the next request for its newest state, ms of the monotonic clock. */
  askAgainAt = 0;
  vector: Vector = {};
  /** When the oldest like of the last sweep was accepted, ms since the epoch. */
  flushedT = 0;
  /** Whether it has changed since its last state was made the flushed one. */
  hasNews = false;
  private oldest = Number.POSITIVE_INFINITY;

  constructor(readonly name: string) {
    this.key = channelKey(name);
  }

  /** Merges what was delivered, `t` being the time of the oldest like in it. Tells if it changed. */
  apply(vector: Vector, t: number): boolean {
    this.vector = mergeVectors(this.vector, vector);
    const { flushed } = this;
    if (flushed && counter.equal(flushed.reactions, countsOf(this.vector))) {
      this.moveOn(flushed);
      return false;
    }
    this.oldest = Math.min(this.oldest, t);
    this.hasNews = true;
    return true;
  }

  /** Makes the state now the flushed one, in a sweep that has sent likes since `t` already. */
  advance(t = Number.POSITIVE_INFINITY): Flushed {
    const reactions = countsOf(this.vector);
    const place = placeOf(counter.total(reactions), this.vector);
    this.flushed = { place, reactions, id: encodeSingle(this.name, place) };
    this.audience.missed(this.oldest);
    this.flushedT = Math.min(t, this.oldest);
    this.oldest = Number.POSITIVE_INFINITY;
    this.hasNews = false;
    return this.flushed;
  }

  // Versions move on with nothing counted when a copy is passed over: then the flushed place does
  // too, in the object that the rows share, and nobody is sent anything.
  private moveOn(flushed: Flushed): void {
    for (const [origin, { version }] of Object.entries(this.vector)) {
      flushed.place.versions.set(origin, version);
    }
    flushed.id = encodeSingle(this.name, flushed.place);
  }

  /** What a viewer was last sent of this channel; undefined until its snapshot. */
  placeOf(row: Row): Place | undefined {
    return this.audience.cohortOf(row)?.place ?? row.seen;
  }

  /** The row's place is its own from now on: what its cohort was sent. */
  fallOut(row: Row, cohort = this.audience.cohortOf(row)): void {
    if (!cohort) return;
    this.audience.fallOut(row);
    row.seen = cohort.place;
    if (cohort.missedSince < Number.POSITIVE_INFINITY) row.missedSince ??= cohort.missedSince;
  }
}

/** The lines that bring a viewer from `seen` to `flushed`; a snapshot where it has seen nothing. */
export function linesTo(
  channel: string,
  flushed: Flushed,
  seen: Place | undefined,
  t: number,
): string {
  const { place, reactions } = flushed;
  if (!seen) return snapshotLines(channel, place.total, reactions);
  return likesLines(channel, place.total, reactions, place.total - seen.total, t);
}
