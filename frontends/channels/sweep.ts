import type { Place } from '../../schemas/place';
import type { Cohort } from './audience';
import { type Channel, linesTo, type SentState } from './channel';
import { withId } from './frames';

/** A sweep takes up what is new at most so many times on its way. */
export const MAX_STATES_A_SWEEP = 16;

/** What brings all who are at one place to another. */
interface Step {
  readonly seen: Place;
  readonly target: SentState;
  readonly lines: string;
  /** With the channel's own id. */
  readonly frame: Buffer;
}

/** Some of a cohort, and what they are to be sent. */
interface Passed {
  readonly cohort: Cohort;
  /** Their numbers, valid until the next call. */
  readonly viewers: Int32Array;
  readonly frame: Buffer;
}

/**
 * One pass over a channel's viewers. What comes meanwhile is taken up on the way: a like waits until
 * the pass reaches a viewer, and not for the next one to begin before.
 */
export class Sweep {
  /** The flushed place when it began: of all, but for those whom the last sweep had passed early. */
  readonly before: Place | undefined;
  /** So many are passed before it looks for something new again. */
  private readonly part: number;
  private passed = 0;
  private oldest = Number.POSITIVE_INFINITY;
  private now: SentState;
  private step: Step | undefined;

  constructor(readonly channel: Channel) {
    const { audience, sent: flushed } = channel;
    this.before = flushed?.place;
    this.part = audience.sizeInCohorts / MAX_STATES_A_SWEEP;
    audience.begin();
    this.now = flushed && !channel.hasUnsent ? flushed : channel.prepareNext();
  }

  /** Where it brings viewers now. */
  get target(): SentState {
    return this.now;
  }

  /** When the oldest like that it has sent was accepted; infinite where it sent none. */
  get sentSince(): number {
    return this.oldest;
  }

  /** Moves the channel on to its newest state, if enough were passed since, and some are to come. */
  takeUp(): void {
    const { audience, oldestSentAt: flushedT, hasUnsent: hasNews } = this.channel;
    if (!hasNews || audience.isPassed || this.passed < this.part) return;
    this.now = this.channel.prepareNext(flushedT);
    this.passed = 0;
  }

  /** At most so many of those in step who are next; none when all are at the flushed place. */
  pass(most: number): Passed | undefined {
    const { audience } = this.channel;
    const { place } = this.now;
    const cohort = audience.next(place);
    if (!cohort) return undefined;
    const viewers = audience.pass(most, place);
    this.passed += viewers.length;
    return { cohort, viewers, frame: this.stepFrom(cohort.place, cohort.missedSince).frame };
  }

  /** Encoded once for all who come one after another from the same place, having missed since `t`. */
  stepFrom(seen: Place, t: number): Step {
    const { channel, now, step } = this;
    this.oldest = Math.min(this.oldest, t);
    if (step?.seen === seen && step.target === now) return step;
    const lines = linesTo(channel.name, now, seen, t);
    this.step = { seen, target: now, lines, frame: withId(lines, now.id) };
    return this.step;
  }
}
