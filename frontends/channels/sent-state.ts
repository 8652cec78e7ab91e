import type { EventType, Seen } from '../../schemas/event-type';
import { type Place, singleId } from '../../schemas/place';
import type { FeedState } from './feed-state';
import type { Times } from './times';

/** The states of a view's feeds, in the order of its types; undefined while one is not known. */
export type FeedStates = readonly (FeedState | undefined)[];

/**
 * What a viewer has seen of a view: a `SentState`, or a place of its own. Rows and cohorts refer to
 * this object and compare it by identity.
 */
export interface SeenState {
  readonly place: Place;
  /** The feeds of a sent state. */
  readonly feeds?: FeedStates;
  /** What it was sent last of the feeds that are in no place; undefined if that is not known. */
  readonly shown?: FeedStates | undefined;
  /** The event id of a viewer of this channel alone, if it can be computed without the place. */
  readonly id?: string;
}

/** A state of a view that is sent to its viewers. */
export class SentState implements SeenState {
  private placeOnce: Place | undefined = undefined;

  constructor(
    readonly channel: string,
    readonly types: readonly EventType[],
    readonly feeds: FeedStates,
  ) {}

  get place(): Place {
    if (this.placeOnce) return this.placeOnce;
    const place = new Map<string, Seen>();
    for (const feed of this.feeds) if (feed?.isPlaced) place.set(feed.type.name, feed.seen);
    this.placeOnce = place;
    return place;
  }

  get shown(): FeedStates {
    return this.feeds;
  }

  /** The event id of a viewer that watches this channel alone. */
  get id(): string {
    const texts: string[] = [];
    for (const feed of this.feeds) if (feed?.isPlaced) texts.push(feed.placeText);
    return singleId(this.channel, texts);
  }

  /** Whether it has a moment of the member, who is not sent it. */
  hasMomentOf(memberId: string): boolean {
    return this.feeds.some(
      (feed) => feed?.type.source === 'moments' && Object.hasOwn(feed.vector, memberId),
    );
  }

  /** By feed, the time of the oldest entry since `before`; infinite if the feed is the same. */
  timesSince(before: SeenState | undefined): Times {
    return this.feeds.map((feed, at) =>
      feed && feed !== before?.feeds?.[at] ? feed.oldestAt : Number.POSITIVE_INFINITY,
    );
  }
}

/** What a viewer has seen that was sent some of the events between two states. */
export class PartlySeen implements SeenState {
  private placeOnce: Place | undefined = undefined;

  constructor(
    private readonly types: readonly EventType[],
    /** By feed, what it has seen; undefined for feeds that are in no place. */
    private readonly seen: readonly (Seen | undefined)[],
    readonly shown: FeedStates,
  ) {}

  get place(): Place {
    if (this.placeOnce) return this.placeOnce;
    const place = new Map<string, Seen>();
    let at = 0;
    for (const { name } of this.types) {
      const one = this.seen[at];
      if (one) place.set(name, one);
      at += 1;
    }
    this.placeOnce = place;
    return place;
  }
}
