import type { Place } from '../schemas/place';
import { type Channel, type Flushed, linesTo } from './channel';
import { withId } from './frames';

/** A sweep takes up what is new at most so many times on its way. */
export const MAX_STATES_A_SWEEP = 16;

/** What brings all who are at one place to another. */
interface Step {
  readonly seen: Place;
  readonly flushed: Flushed;
  readonly lines: string;
  /** With the channel's own id. */
  readonly frame: Buffer;
}

/**
 * One pass over a channel's viewers. What comes meanwhile is taken up on the way: a like waits until
 * the pass reaches a viewer, and not for the next one to begin before.
 */
export class Sweep {
  /** Where all were, but for those whom an earlier sweep had passed before its last state. */
  readonly before: Place | undefined;
  /** When the oldest like that it sends was accepted, ms since the epoch. */
  oldest: number;
  flushed: Flushed;
  private passed = 0;
  private step: Step | undefined;

  constructor(readonly channel: Channel) {
    const { audience, flushed } = channel;
    this.before = flushed?.place;
    this.flushed = flushed && !channel.hasNews ? flushed : channel.advance();
    this.oldest = channel.flushedT;
    audience.begin();
  }

  /** Moves the channel on to its newest state, if it has one and enough were passed since. */
  takeUp(): void {
    const { channel } = this;
    if (!channel.hasNews || this.passed < channel.audience.sizeInStep / MAX_STATES_A_SWEEP) return;
    this.flushed = channel.advance();
    this.oldest = Math.min(this.oldest, channel.flushedT);
    this.passed = 0;
  }

  /** The numbers of at most so many to be sent to, and with what; none when all have been. */
  pass(most: number) {
    const { audience } = this.channel;
    const { place } = this.flushed;
    const cohort = audience.next(place);
    if (!cohort) return undefined;
    const viewers = audience.pass(most, place);
    this.passed += viewers.length;
    return { cohort, viewers, frame: this.stepFrom(cohort.place, cohort.missedSince).frame };
  }

  /** Encoded once for all who come one after another from the same place, having missed since `t`. */
  stepFrom(seen: Place, t: number): Step {
    const { channel, flushed, step } = this;
    if (step?.seen === seen && step.flushed === flushed) return step;
    const lines = linesTo(channel.name, flushed, seen, t);
    this.step = { seen, flushed, lines, frame: withId(lines, flushed.id) };
    return this.step;
  }
}
