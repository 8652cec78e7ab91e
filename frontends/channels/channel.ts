import { channelKey } from '../../schemas/place';
import { mergeVectors, type Vector } from '../../schemas/state';
import { Audience } from './audience';
import type { Row, RowChannel } from './row';
import { SentState } from './sent-state';

/** A channel that this worker holds: its newest state, the state sent last, and its viewers. */
export class Channel implements RowChannel {
  readonly key: bigint;
  readonly audience = new Audience<Row>();
  /** The state that viewers are sent; undefined until the first one has come: never a made-up 0. */
  sent: SentState | undefined;
  /** The earliest time of the next flush, ms of the monotonic clock; written by the flusher. */
  nextFlushAt = 0;
  /** The earliest time of the next request for its state, monotonic ms; written by the fan-out. */
  requestableAt = 0;
  vector: Vector = {};
  /** When the oldest like of the last sweep was accepted, ms since the epoch. */
  oldestSentAt = 0;
  /** Whether the counts have changed since `sent` was made. */
  hasUnsent = false;
  private oldestUnsentAt = Number.POSITIVE_INFINITY;

  constructor(readonly name: string) {
    this.key = channelKey(name);
  }

  /**
   * Merges a delivered vector; `t` is the time of the oldest like in it. Returns whether the counts
   * changed. Versions without a new count are advanced in the sent state, and nothing is sent.
   */
  apply(vector: Vector, t: number): boolean {
    this.vector = mergeVectors(this.vector, vector);
    if (this.sent?.hasCountsOf(this.vector)) {
      this.sent.advanceVersions(this.vector);
      return false;
    }
    this.oldestUnsentAt = Math.min(this.oldestUnsentAt, t);
    this.hasUnsent = true;
    return true;
  }

  /** Makes the newest state the sent one, in a sweep that has sent likes since `t` before. */
  prepareNext(t = Number.POSITIVE_INFINITY): SentState {
    this.sent = new SentState(this.name, this.vector);
    this.audience.markUnsent(this.oldestUnsentAt);
    this.oldestSentAt = Math.min(t, this.oldestUnsentAt);
    this.oldestUnsentAt = Number.POSITIVE_INFINITY;
    this.hasUnsent = false;
    return this.sent;
  }
}
