import type { Cohort } from './audience';
import type { Channel } from './channel';
import { withId } from './frames';
import type { SeenState, SentState } from './sent-state';

/** A sweep changes to a newer state at most so many times. */
export const MAX_STATES_A_SWEEP = 16;

/** The event that updates viewers from one state to another. */
interface EncodedUpdate {
  readonly seen: SeenState;
  readonly target: SentState;
  /** The event without its id. */
  readonly lines: string;
  /** The event with the id of the channel alone. */
  readonly frame: Buffer;
}

/** Viewers of one cohort and the frame that they must be sent. */
interface Batch {
  readonly cohort: Cohort;
  /** Valid until the audience changes. */
  readonly viewers: Int32Array;
  readonly frame: Buffer;
}

/**
 * One round over the viewers of a channel. If the channel changes meanwhile, the sweep sends the
 * newer state to the viewers that it has not reached, so a like need not wait for the next sweep.
 */
export class Sweep {
  /** The sent state when the sweep began: that of most viewers. */
  readonly before: SentState | undefined;
  /** The least number of viewers between two changes of the target. */
  private readonly viewersPerState: number;
  private sentSinceChange = 0;
  private oldestAt = Number.POSITIVE_INFINITY;
  private newest: SentState;
  private encoded: EncodedUpdate | undefined;

  constructor(readonly channel: Channel) {
    const { audience, sent } = channel;
    this.before = sent;
    this.viewersPerState = audience.sizeInCohorts / MAX_STATES_A_SWEEP;
    audience.startSweep();
    this.newest = sent && !channel.hasUnsent ? sent : channel.prepareNext();
  }

  /** The state that it sends now. */
  get target(): SentState {
    return this.newest;
  }

  /** When the oldest like that it has sent was accepted; infinite if it sent none. */
  get sentSince(): number {
    return this.oldestAt;
  }

  /** Changes to the channel's newest state, if enough viewers were sent the current one. */
  takeNewest(): void {
    const { audience, hasUnsent, oldestSentAt } = this.channel;
    if (!hasUnsent || audience.areCohortsSent || this.sentSinceChange < this.viewersPerState) {
      return;
    }
    this.newest = this.channel.prepareNext(oldestSentAt);
    this.sentSinceChange = 0;
  }

  /** Takes at most `max` viewers of the next cohort; undefined if all cohorts are at the target. */
  nextBatch(max: number): Batch | undefined {
    const { audience } = this.channel;
    const { newest } = this;
    const cohort = audience.nextCohort(newest);
    if (!cohort) return undefined;
    const viewers = audience.moveBatch(max, newest);
    this.sentSinceChange += viewers.length;
    return { cohort, viewers, frame: this.updateFrom(cohort.sent, cohort.missedSince).frame };
  }

  /**
   * Encodes the update of viewers that missed likes since `t`; the last one is kept, because the
   * next viewers are usually at the same state.
   */
  updateFrom(seen: SeenState, t: number): EncodedUpdate {
    const { encoded, newest } = this;
    this.oldestAt = Math.min(this.oldestAt, t);
    if (encoded?.seen === seen && encoded.target === newest) return encoded;
    const lines = newest.linesSince(seen.place, t);
    this.encoded = { seen, target: newest, lines, frame: withId(lines, newest.id) };
    return this.encoded;
  }
}
