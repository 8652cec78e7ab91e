import type { Cohort } from './audience';
import type { ChannelView } from './channel-view';
import { EncodedUpdate } from './encoded-update';
import type { SeenState, SentState } from './sent-state';
import { earliest, type Times } from './times';
import { MAX_ENTRIES_AT_ONCE, MAX_ENTRIES_OF_SEVERAL, updateOf } from './update';

/** A sweep changes to a newer state at most so many times. */
export const MAX_STATES_A_SWEEP = 16;

/** A cohort and what its viewers must be sent. */
interface CohortUpdate {
  readonly cohort: Cohort;
  readonly shared: EncodedUpdate;
}

/**
 * One round over the viewers of a view. If the channel changes meanwhile, the sweep sends the newer
 * state to the viewers that it has not reached, so an entry need not wait for the next sweep.
 */
export class Sweep {
  /** The sent state when the sweep began: that of most viewers. */
  readonly before: SentState | undefined;
  /** The least number of viewers between two changes of the target. */
  private readonly viewersPerState: number;
  private sentSinceChange = 0;
  private oldest: Times | undefined;
  private newest: SentState;
  private changes: Times | undefined;
  private shared: EncodedUpdate | undefined;
  /** The same for viewers of several channels. */
  private ofSeveral: EncodedUpdate | undefined;

  constructor(readonly view: ChannelView) {
    const { audience, sent } = view;
    this.before = sent;
    this.viewersPerState = audience.sizeInCohorts / MAX_STATES_A_SWEEP;
    audience.startSweep();
    this.newest = sent && !view.hasUnsent ? sent : view.prepareNext(sent);
  }

  /** The state that it sends now. */
  get target(): SentState {
    return this.newest;
  }

  /** By feed, the time of the oldest entry between the state before and the target. */
  get times(): Times {
    this.changes ??= this.newest.timesSince(this.before);
    return this.changes;
  }

  /** By feed, the time of the oldest entry that it has sent; undefined if it sent none. */
  get sentSince(): Times | undefined {
    return this.oldest;
  }

  /** Changes to the channel's newest state, if enough viewers were sent the current one. */
  takeNewest(): void {
    const { audience, hasUnsent } = this.view;
    if (!hasUnsent || audience.areCohortsSent || this.sentSinceChange < this.viewersPerState) {
      return;
    }
    this.newest = this.view.prepareNext(this.before);
    this.changes = undefined;
    this.sentSinceChange = 0;
  }

  /** The next cohort and its update; undefined if all cohorts are at the target. */
  nextCohort(): CohortUpdate | undefined {
    const cohort = this.view.audience.nextCohort(this.newest);
    return cohort && { cohort, shared: this.updateFrom(cohort.sent, cohort.missedSince) };
  }

  /**
   * Moves at most `max` viewers of the next cohort to the target. The result is valid until the
   * audience changes.
   */
  moveBatch(max: number): Int32Array {
    const viewers = this.view.audience.moveBatch(max, this.newest);
    this.sentSinceChange += viewers.length;
    return viewers;
  }

  /**
   * Encodes the update of viewers that missed entries since these times; the last one is kept,
   * because the next viewers are usually at the same state.
   */
  updateFrom(seen: SeenState, missedSince?: Times, isSingle = true): EncodedUpdate {
    const { newest } = this;
    const known = isSingle ? this.shared : this.ofSeveral;
    if (known?.seen === seen && known.target === newest) return known;
    const maxEntries = isSingle ? MAX_ENTRIES_AT_ONCE : MAX_ENTRIES_OF_SEVERAL;
    const update = updateOf(newest, seen, { missedSince, maxEntries });
    this.oldest = earliest(this.oldest, update.times);
    const made = new EncodedUpdate(seen, newest, update);
    if (isSingle) this.shared = made;
    else this.ofSeveral = made;
    return made;
  }
}
