import type { EventType, Seen } from '../../schemas/event-type';
import { encodeSingle, type Place } from '../../schemas/place';
import type { FeedState } from './feed-state';
import type { Times } from './times';

/** The states of a view's feeds, in the order of its types; undefined while one is not known. */
export type FeedStates = readonly (FeedState | undefined)[];

/**
 * What a viewer has seen of a view: a `SentState`, or a place of its own. Rows and cohorts refer to
 * this object and compare it by identity; its place may be replaced by a newer one.
 */
export interface SeenState {
  readonly place: Place;
  /** The feeds of a sent state. */
  readonly feeds?: FeedStates;
}

/** A state of a view that is sent to its viewers. */
export class SentState implements SeenState {
  private newestPlace: Place | undefined = undefined;

  constructor(
    readonly channel: string,
    readonly types: readonly EventType[],
    readonly feeds: FeedStates,
  ) {}

  get place(): Place {
    const { newestPlace } = this;
    // Feeds advance in place, also for the sent states before this one.
    if (newestPlace && this.isCurrent(newestPlace)) return newestPlace;
    const place = new Map<string, Seen>();
    for (const feed of this.feeds) if (feed) place.set(feed.type.name, feed.seen);
    this.newestPlace = place;
    return place;
  }

  /** The event id of a viewer that watches this channel alone. */
  get id(): string {
    return encodeSingle(this.channel, this.place);
  }

  /** The place of a viewer that has seen this of each feed. */
  placeAt(seen: readonly (Seen | undefined)[]): Place {
    const place = new Map<string, Seen>();
    let at = 0;
    for (const { name } of this.types) {
      const one = seen[at];
      if (one) place.set(name, one);
      at += 1;
    }
    return place;
  }

  /** By feed, the time of the oldest entry since `before`; infinite if the feed is the same. */
  timesSince(before: SeenState | undefined): Times {
    return this.feeds.map((feed, at) =>
      feed && feed !== before?.feeds?.[at] ? feed.oldestAt : Number.POSITIVE_INFINITY,
    );
  }

  private isCurrent(place: Place): boolean {
    for (const feed of this.feeds) {
      if (feed && place.get(feed.type.name) !== feed.seen) return false;
    }
    return true;
  }
}
