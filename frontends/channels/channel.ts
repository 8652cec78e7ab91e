import type { EventType } from '../../schemas/event-type';
import { type EventTypes, isLogged } from '../../schemas/event-types';
import { channelKey } from '../../schemas/place';
import { type Feeds, mergeFeeds, type Vector } from '../../schemas/state';
import { ChannelView, type ViewedChannel } from './channel-view';
import { MomentFeed } from './moments';

/** The most sets of event types of a channel that viewers of a worker have, besides all types. */
export const MAX_VIEWS_PER_CHANNEL = 8;

/** The vector of a feed without a state; one object, so that it is the same each time. */
const NO_STATES: Vector = {};

/** How much of a channel's state a dispatcher's answer had. */
export type Answer = 'partial' | 'complete';

/**
 * A channel that this worker holds: the newest states of all its feeds, and a view for each set of
 * feeds that viewers ask for. Feeds of event types that this worker does not know are kept, because
 * they are in the digest, and are in no view.
 */
export class Channel implements ViewedChannel {
  readonly key: bigint;
  feeds: Feeds = {};
  /** The earliest time of the next request for its state, monotonic ms; written by the fan-out. */
  requestableAt = 0;
  private answer: Answer | undefined;
  private openViews: readonly ChannelView[] = [];
  /** Moments by type; they are no part of `feeds`, and so in no digest. */
  private moments: Map<string, MomentFeed> | undefined;

  constructor(
    readonly name: string,
    private readonly types: EventTypes,
    /** Begins the quiet time after news of a leased type; returns false if the type has none. */
    readonly beginQuiet: ViewedChannel['beginQuiet'] = () => false,
  ) {
    this.key = channelKey(name);
  }

  get views(): readonly ChannelView[] {
    return this.openViews;
  }

  /** The number of its viewers. */
  get size(): number {
    return this.openViews.reduce((sum, { audience }) => sum + audience.size, 0);
  }

  /**
   * Merges states; `t` is the time of the oldest entry in them. Returns the views whose viewers
   * must be sent something. Before a dispatcher has answered, states are only merged: they may be
   * some of the channel's.
   */
  apply(feeds: Feeds, t: number, answer?: Answer): readonly ChannelView[] {
    if (answer && this.answer !== 'complete') this.answer = answer;
    this.feeds = mergeFeeds(this.types.mergeOf, this.feeds, feeds);
    if (!this.answer) return [];
    if (this.openViews.length > 1) this.dropEmptyViews();
    // An answer also says which feeds have no state.
    const has = (type: string) => answer !== undefined || type in feeds;
    return this.openViews.filter((view) => view.apply(has, t));
  }

  /** The moments of a type. */
  momentsOf(type: string): MomentFeed {
    const known = this.moments?.get(type);
    if (known) return known;
    const made = new MomentFeed(this.name);
    this.moments ??= new Map();
    this.moments.set(type, made);
    return made;
  }

  /** The views whose viewers must be sent something after moments of a type have changed. */
  momentsChanged(type: string, t: number): readonly ChannelView[] {
    return this.openViews.filter((view) => view.apply((name) => name === type, t));
  }

  vectorOf(type: EventType): Vector | undefined {
    if (!this.answer) return undefined;
    if (type.source === 'moments') return this.moments?.get(type.name)?.vector ?? NO_STATES;
    const vector = this.feeds[type.name];
    // Without a state of a leased type its value is not known: it is never a made-up 0.
    if (this.answer === 'complete' && isLogged(type)) return vector ?? NO_STATES;
    return vector && Object.keys(vector).length > 0 ? vector : undefined;
  }

  /**
   * The view of these types, which is made if there is none; see `hasRoomFor`. `now` stands for the
   * time of entries that came before, ms since the epoch.
   */
  viewOf(types: readonly EventType[], now: number): ChannelView {
    const known = this.openViews.find((view) => isSame(view.types, types));
    if (known) return known;
    const made = new ChannelView(this, types, now);
    this.openViews = [...this.openViews, made];
    return made;
  }

  /**
   * Whether there is a view of these types, or one can be made. There is always room for the view
   * of all types: otherwise a few viewers could refuse the channel to those who ask for no types.
   */
  hasRoomFor(types: readonly EventType[]): boolean {
    const all = this.types.of(this.name);
    if (isSame(types, all) || this.openViews.length < MAX_VIEWS_PER_CHANNEL) return true;
    this.dropEmptyViews();
    const others = this.openViews.filter((view) => !isSame(view.types, all));
    return (
      others.length < MAX_VIEWS_PER_CHANNEL || others.some((view) => isSame(view.types, types))
    );
  }

  // One view is kept while the channel lingers, because its viewers may come back.
  private dropEmptyViews(): void {
    const watched = this.openViews.filter(({ audience }) => audience.size > 0);
    this.openViews = watched.length > 0 ? watched : this.openViews.slice(0, 1);
  }
}

/** Whether two lists have the same types; both are in the order of the registry. */
function isSame(one: readonly EventType[], other: readonly EventType[]): boolean {
  return (
    one === other || (one.length === other.length && one.every((type, at) => type === other[at]))
  );
}
