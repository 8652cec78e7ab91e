import type { EventType } from '../../schemas/event-type';
import { isLogged } from '../../schemas/event-types';
import type { Vector } from '../../schemas/state';
import { Audience } from './audience';
import { FeedState } from './feed-state';
import type { Row, RowChannel, RowView } from './row';
import { SentState } from './sent-state';

const NEVER = Number.POSITIVE_INFINITY;

/** A state of a feed that viewers were not sent. */
interface Unsent {
  readonly vector: Vector;
  /** The policy's view of it. */
  readonly view: unknown;
  /** The time of the oldest entry since the sent state, ms since the epoch. */
  readonly since: number;
}

/** A channel, as its views refer to it. */
export interface ViewedChannel extends RowChannel {
  /** The newest states of a feed; undefined while the worker may lack some of them. */
  vectorOf(type: EventType): Vector | undefined;
  /** Begins the quiet time after news of a type (`ChannelView.endQuiet`); false if it has none. */
  beginQuiet(view: ChannelView, type: EventType): boolean;
}

/**
 * The feeds of a channel that some viewers have asked for: the state that they were sent last, and
 * these viewers. They share frames, so viewers who ask for other feeds have another view.
 */
export class ChannelView implements RowView {
  readonly audience = new Audience<Row>();
  /** The earliest time of the next flush, ms of the monotonic clock; written by the flusher. */
  nextFlushAt = 0;
  /** What a sample of its viewers said; written by `Lags`. */
  lagMs = 0;
  sampleAt = 0;
  private newestSent: SentState | undefined = undefined;
  /** The newest states that `sent` lacks, by feed; undefined at rest, when there are none. */
  private unsent: Map<EventType, Unsent> | undefined = undefined;
  /** Types in a quiet time, with the time of the oldest entry that came in it, or `NEVER`. */
  private quiet: Map<EventType, number> | undefined = undefined;

  constructor(
    readonly channel: ViewedChannel,
    readonly types: readonly EventType[],
    now: number,
  ) {
    // A channel that is known already needs no flush: no viewer was sent an older state.
    if (this.apply(() => true, now)) this.prepareNext();
  }

  /** The state that viewers are sent; undefined until the first one has come: never a made-up 0. */
  get sent(): SentState | undefined {
    return this.newestSent;
  }

  /** Whether a viewer would see a difference between `sent` and the newest state. */
  get hasUnsent(): boolean {
    return this.unsent !== undefined;
  }

  /**
   * Takes over the channel's newest vectors of the types of which `has` is true; `t` is the time of
   * the oldest entry in them. Returns whether viewers must be sent something. They are sent newer
   * versions of an equal view, too: a page compares them with the places of its own entries.
   */
  apply(has: (type: string) => boolean, t: number): boolean {
    let isChanged = false;
    let at = 0;
    for (const type of this.types) {
      const vector = has(type.name) ? this.channel.vectorOf(type) : undefined;
      if (vector && this.applyFeed(type, at, vector, t)) isChanged = true;
      at += 1;
    }
    return isChanged && this.hasFirstState;
  }

  /**
   * Ends the quiet time of a type, in which its states are not taken over. Returns whether viewers
   * must be sent something.
   */
  endQuiet(type: EventType): boolean {
    const since = this.quiet?.get(type) ?? NEVER;
    this.quiet?.delete(type);
    if (this.quiet?.size === 0) this.quiet = undefined;
    return since < NEVER && this.apply((name) => name === type.name, since);
  }

  /** Makes the newest state the sent one, in a sweep that began with the state `before`. */
  prepareNext(before: SentState | undefined = this.newestSent): SentState {
    const { newestSent: last, types, unsent } = this;
    const feeds = types.map((type, at) => {
      const feed = last?.feeds[at];
      const next = unsent?.get(type);
      if (!next) return feed;
      // Viewers are sent the first state as a snapshot: news may follow at once.
      if (last && type.source === 'streams') this.beginQuiet(type);
      // A sweep that changes to a newer state skips the one between, and sends its entries, too.
      const skipped = feed && feed !== before?.feeds[at] ? feed.oldestAt : NEVER;
      return new FeedState(type, next.vector, next.view, Math.min(next.since, skipped));
    });
    this.newestSent = new SentState(this.channel.name, types, feeds);
    this.audience.markUnsent(types.map((type) => unsent?.get(type)?.since ?? NEVER));
    this.unsent = undefined;
    return this.newestSent;
  }

  /** Whether viewers can be sent a first snapshot: not of leased feeds alone if it has others. */
  private get hasFirstState(): boolean {
    if (this.newestSent || !this.types.some(isLogged)) return true;
    return [...(this.unsent?.keys() ?? [])].some(isLogged);
  }

  private applyFeed(type: EventType, at: number, vector: Vector, t: number): boolean {
    const heldSince = this.quiet?.get(type);
    if (heldSince !== undefined) {
      this.quiet?.set(type, Math.min(heldSince, t));
      return false;
    }
    const feed = this.newestSent?.feeds[at];
    if (feed?.vector === vector) return false;
    const view = type.policy.view(vector);
    // No place has its versions, so viewers need nothing to see an equal view.
    if (!isLogged(type) && feed && type.policy.same(feed.view, view)) {
      this.removeUnsent(type);
      return false;
    }
    this.unsent ??= new Map();
    const since = Math.min(this.unsent.get(type)?.since ?? NEVER, t);
    this.unsent.set(type, { vector, view, since });
    return true;
  }

  private beginQuiet(type: EventType): void {
    if (!this.channel.beginQuiet(this, type)) return;
    this.quiet ??= new Map();
    this.quiet.set(type, NEVER);
  }

  private removeUnsent(type: EventType): void {
    this.unsent?.delete(type);
    if (this.unsent?.size === 0) this.unsent = undefined;
  }
}
