import { channelKey, encodeSingle, type Place, placeOf } from '../../schemas/place';
import { type Counts, counter } from '../../schemas/policies/counter';
import { countsOf, mergeVectors, type Vector } from '../../schemas/state';
import type { Row } from '../viewers/session';
import { Audience } from './audience';
import { likesLines, snapshotLines } from './frames';

/** What a channel's viewers are being brought to, or were last. */
export interface SentState {
  readonly place: Place & { readonly versions: Map<string, number> };
  readonly reactions: Counts;
  id: string;
}

/** A channel with viewers on this worker. */
export class Channel {
  readonly key: bigint;
  readonly audience = new Audience();
  /** Undefined until the first state has come: no snapshot before, never a made-up 0. */
  sent: SentState | undefined;
  /** The earliest time of the next flush, ms of the monotonic clock. */
  nextFlushAt = 0;
  /** The earliest time of the next request for its newest state, ms of the monotonic clock. */
  askAgainAt = 0;
  vector: Vector = {};
  /** When the oldest like of the last sweep was accepted, ms since the epoch. */
  oldestSentAt = 0;
  /** Whether it has changed since its last state was made the flushed one. */
  hasUnsent = false;
  private oldest = Number.POSITIVE_INFINITY;

  constructor(readonly name: string) {
    this.key = channelKey(name);
  }

  /** Merges what was delivered, `t` being the time of the oldest like in it. Tells if it changed. */
  apply(vector: Vector, t: number): boolean {
    this.vector = mergeVectors(this.vector, vector);
    const { sent: flushed } = this;
    if (flushed && counter.equal(flushed.reactions, countsOf(this.vector))) {
      this.advanceVersions(flushed);
      return false;
    }
    this.oldest = Math.min(this.oldest, t);
    this.hasUnsent = true;
    return true;
  }

  /** Makes the state now the flushed one, in a sweep that has sent likes since `t` already. */
  prepareNext(t = Number.POSITIVE_INFINITY): SentState {
    const reactions = countsOf(this.vector);
    const place = placeOf(counter.total(reactions), this.vector);
    this.sent = { place, reactions, id: encodeSingle(this.name, place) };
    this.audience.missed(this.oldest);
    this.oldestSentAt = Math.min(t, this.oldest);
    this.oldest = Number.POSITIVE_INFINITY;
    this.hasUnsent = false;
    return this.sent;
  }

  // Versions move on with nothing counted when a copy is passed over: then the flushed place does
  // too, in the object that the rows share, and nobody is sent anything.
  private advanceVersions(flushed: SentState): void {
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
  leaveCohort(row: Row, cohort = this.audience.cohortOf(row)): void {
    if (!cohort) return;
    this.audience.leaveCohort(row);
    row.seen = cohort.place;
    if (cohort.missedSince < Number.POSITIVE_INFINITY) row.missedSince ??= cohort.missedSince;
  }
}

/** The lines that bring a viewer from `seen` to `flushed`; a snapshot where it has seen nothing. */
export function linesTo(
  channel: string,
  flushed: SentState,
  seen: Place | undefined,
  t: number,
): string {
  const { place, reactions } = flushed;
  if (!seen) return snapshotLines(channel, place.total, reactions);
  return likesLines(channel, place.total, reactions, place.total - seen.total, t);
}
