import { encodeSingle } from '../../schemas/place';
import type { Cohort } from './audience';
import type { ChannelView } from './channel-view';
import type { SeenState, SentState } from './sent-state';
import { earliest, type Times } from './times';
import { type Part, partsOf, type Update, updateOf } from './update';

/** A sweep changes to a newer state at most so many times. */
export const MAX_STATES_A_SWEEP = 16;

/** The events that update viewers from one state to another, encoded once for all of them. */
class SharedUpdate {
  private encoded: readonly Part[] | undefined;

  constructor(
    readonly seen: SeenState,
    readonly target: SentState,
    readonly update: Update,
  ) {}

  /** Its frames for viewers of this channel alone. */
  get parts(): readonly Part[] {
    const { channel } = this.target;
    this.encoded ??= partsOf(this.update.blocks, (place) => encodeSingle(channel, place));
    return this.encoded;
  }
}

/** Viewers of one cohort and the frames that they must be sent. */
interface Batch {
  readonly cohort: Cohort;
  /** Valid until the audience changes. */
  readonly viewers: Int32Array;
  readonly parts: readonly Part[];
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
  private shared: SharedUpdate | undefined;

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

  /** Takes at most `max` viewers of the next cohort; undefined if all cohorts are at the target. */
  nextBatch(max: number): Batch | undefined {
    const { audience } = this.view;
    const { newest } = this;
    const cohort = audience.nextCohort(newest);
    if (!cohort) return undefined;
    const viewers = audience.moveBatch(max, newest);
    this.sentSinceChange += viewers.length;
    return { cohort, viewers, parts: this.updateFrom(cohort.sent, cohort.missedSince).parts };
  }

  /**
   * Encodes the update of viewers that missed entries since these times; the last one is kept,
   * because the next viewers are usually at the same state.
   */
  updateFrom(seen: SeenState, missedSince?: Times): SharedUpdate {
    const { newest, shared } = this;
    if (shared?.seen === seen && shared.target === newest) return shared;
    const update = updateOf(newest, seen, { missedSince });
    this.oldest = earliest(this.oldest, update.times);
    this.shared = new SharedUpdate(seen, newest, update);
    return this.shared;
  }
}
