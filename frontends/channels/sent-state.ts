import { encodeSingle, type Place, placeOf } from '../../schemas/place';
import { type Counts, counter } from '../../schemas/policies/counter';
import { countsOf, type Vector } from '../../schemas/state';
import { likesLines, snapshotLines } from './frames';

/**
 * What a viewer has seen of a channel: a `SentState`, or the place of an event id. Rows and cohorts
 * refer to this object and compare it by identity; its place may be replaced by a newer one.
 */
export interface SeenState {
  readonly place: Place;
}

/** A state of a channel that is sent to its viewers. */
export class SentState implements SeenState {
  readonly reactions: Counts;
  private newestPlace: Place;
  private eventId: string;

  constructor(
    private readonly channel: string,
    vector: Vector,
  ) {
    this.reactions = countsOf(vector);
    this.newestPlace = placeOf(counter.total(this.reactions), vector);
    this.eventId = encodeSingle(channel, this.newestPlace);
  }

  get place(): Place {
    return this.newestPlace;
  }

  /** The event id of a viewer that watches this channel alone. */
  get id(): string {
    return this.eventId;
  }

  /** Whether a vector has the same counts, so that a viewer would see no difference. */
  hasCountsOf(vector: Vector): boolean {
    return counter.equal(this.reactions, countsOf(vector));
  }

  /**
   * Replaces the place by that of a newer vector with the same counts. All rows and cohorts at this
   * state have the new place from then on, although nothing is sent.
   */
  advanceVersions(vector: Vector): void {
    this.newestPlace = placeOf(this.newestPlace.total, vector);
    this.eventId = encodeSingle(this.channel, this.newestPlace);
  }

  /**
   * The lines that update a viewer from `seen` to this state: a snapshot if it has seen nothing.
   * `t` is the time of the oldest like that it was not sent, ms since the epoch.
   */
  linesSince(seen: Place | undefined, t: number): string {
    const { channel, reactions } = this;
    const { total } = this.newestPlace;
    if (!seen) return snapshotLines(channel, total, reactions);
    return likesLines(channel, total, reactions, total - seen.total, t);
  }
}
