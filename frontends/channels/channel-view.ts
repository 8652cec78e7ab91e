import type { EventType } from '../../schemas/event-type';
import type { Vector } from '../../schemas/state';
import { Audience } from './audience';
import { FeedState } from './feed-state';
import type { Row, RowChannel, RowView } from './row';
import { SentState } from './sent-state';

const NEVER = Number.POSITIVE_INFINITY;

/** A channel, as its views refer to it. */
export interface ViewedChannel extends RowChannel {
  /** The time of the oldest entry in the last update, ms since the epoch. */
  readonly changedAt: number;
  /** The newest states of a feed; undefined while the worker may lack some of them. */
  vectorOf(type: string): Vector | undefined;
}

/**
 * The feeds of a channel that some viewers have asked for: the state that they were sent last, and
 * these viewers. They share frames, so viewers who ask for other feeds have another view.
 */
export class ChannelView implements RowView {
  readonly audience = new Audience<Row>();
  /** The earliest time of the next flush, ms of the monotonic clock; written by the flusher. */
  nextFlushAt = 0;
  private newestSent: SentState | undefined;
  /** By feed, the time of the oldest entry that `sent` lacks; infinite for a feed without one. */
  private unsentSince: number[];

  constructor(
    readonly channel: ViewedChannel,
    readonly types: readonly EventType[],
  ) {
    this.unsentSince = types.map(({ name }) =>
      channel.vectorOf(name) ? channel.changedAt : NEVER,
    );
    // A channel that is known already needs no flush: nobody was sent an older state.
    if (this.hasUnsent) this.prepareNext();
  }

  /** The state that viewers are sent; undefined until the first one has come: never a made-up 0. */
  get sent(): SentState | undefined {
    return this.newestSent;
  }

  /** Whether a viewer would see a difference between `sent` and the newest state. */
  get hasUnsent(): boolean {
    return this.unsentSince.some((t) => t < NEVER);
  }

  /**
   * Takes over the channel's newest vectors of the types of which `has` is true; `t` is the time of
   * the oldest entry in them. Returns whether viewers must be sent something. If a feed has newer
   * versions and the same view, they are advanced in the sent state, and nothing is sent.
   */
  apply(has: (type: string) => boolean, t: number): boolean {
    let isChanged = false;
    for (const [at, { name }] of this.types.entries()) {
      const vector = has(name) ? this.channel.vectorOf(name) : undefined;
      if (vector && this.applyFeed(at, vector, t)) isChanged = true;
    }
    return isChanged;
  }

  /** Makes the newest state the sent one, in a sweep that began with the state `before`. */
  prepareNext(before: SentState | undefined = this.newestSent): SentState {
    const { newestSent: last, unsentSince } = this;
    const feeds = this.types.map((type, at) => {
      const unsent = unsentSince[at] ?? NEVER;
      const feed = last?.feeds[at];
      const vector = this.channel.vectorOf(type.name);
      if (unsent === NEVER || !vector) return feed;
      // A sweep that changes to a newer state skips the one between, and sends its entries, too.
      const skipped = feed && feed !== before?.feeds[at] ? feed.oldestAt : NEVER;
      return new FeedState(type, vector, Math.min(unsent, skipped));
    });
    this.newestSent = new SentState(this.channel.name, this.types, feeds);
    this.audience.markUnsent(unsentSince);
    this.unsentSince = this.types.map(() => NEVER);
    return this.newestSent;
  }

  private applyFeed(at: number, vector: Vector, t: number): boolean {
    const feed = this.newestSent?.feeds[at];
    if (feed?.vector === vector) return false;
    if (feed?.hasViewOf(vector)) {
      feed.advance(vector);
      this.unsentSince[at] = NEVER;
      return false;
    }
    this.unsentSince[at] = Math.min(this.unsentSince[at] ?? NEVER, t);
    return true;
  }
}
