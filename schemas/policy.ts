import type { z } from 'zod';
import type { Vector, Versioned } from './state';

/** One event of a logged type: the machinery reads all of it but the body. */
export interface Entry<Body = unknown> {
  readonly id: string;
  readonly memberId: string;
  /** When a producer accepted it, ms since the epoch. */
  readonly at: number;
  readonly body: Body;
}

/** What a viewer has seen of one feed. */
export interface Seen {
  /** `Policy.total` of the state that it has seen. */
  readonly total: number;
  /** By origin, the version that it has seen. */
  readonly versions: ReadonlyMap<string, number>;
}

/** One event for a viewer. */
export interface News {
  /** Its name on the stream. */
  readonly event: string;
  /** Its data, without `channel`. */
  readonly data: object;
  /** What the viewer has seen once it has read this event; the whole state if not given. */
  readonly reached?: Seen | undefined;
  /** The member whose streams are not sent this event; undefined if all are. */
  readonly exceptMember?: string | undefined;
}

/** What an event says besides the state. */
export interface NewsContext {
  /** The time of the oldest entry that the viewer was not sent, ms since the epoch. */
  readonly oldestAt: number;
  /** The vector of the state, as text: `dc1.1@1420,dc2.1@7`. */
  readonly seen: string;
  /** The id of the channel, for links. */
  readonly channelId: string;
  /** The most entries of this feed that are sent at once. */
  readonly maxEntries: number;
}

/** The shapes of what clients are shown. */
export interface ShownShapes {
  /** The fields of a snapshot. */
  readonly snapshot: z.ZodObject;
  /** The fields of the answer to a GET; those of a snapshot if not given. */
  readonly answer?: z.ZodObject | undefined;
  /** By event, its data without `channel`. */
  readonly events: Readonly<Record<string, z.ZodObject>>;
}

/**
 * What viewers see of a feed's states. All methods of a policy are pure: they depend on their
 * parameters alone, and change none of them.
 */
export interface Policy<State = unknown, View = unknown> {
  /** The shapes of what clients are shown; without them a description of the API has only names. */
  readonly shapes?: ShownShapes | undefined;
  /** The shape of a state, as JSON. */
  readonly state: z.ZodType<State>;
  readonly empty: State;
  /** Merges two states of one origin, wherever updates meet; `one` itself if nothing is newer. */
  merge(one: Versioned<State>, other: Versioned<State>): Versioned<State>;
  view(states: Vector<State>): View;
  /** Whether a viewer would see no difference; a recount then changes nothing. */
  same(one: View, other: View): boolean;
  /** The number that a place has besides the versions: of a counter the total, else 0. */
  total(view: View): number;
  /** The fields of a snapshot. */
  snapshot(view: View): object;
  /** The fields of the answer to a GET; those of a snapshot if not given. */
  answer?(view: View): object;
  /** The events from what a viewer has seen to the view, in order. */
  news(view: View, seen: Seen, context: NewsContext): readonly News[];
  /** The number of entries that these events have, for metrics; negative after a cancel. */
  count(view: View, seen: Seen): number;
}

/** An entry or a deletion that a state still has. */
export interface RecentRow {
  readonly offset: number;
  /** The id of the entry. */
  readonly id: string;
  /** Whether this is the deletion of the entry with this id. */
  readonly isDeletion: boolean;
  /** The entry; absent in a deletion, and if the entry is deleted. */
  readonly entry?: Entry | undefined;
}

/** The newest part of a history, as a state has it. */
export interface Recent {
  /** The state has all entries and deletions with a greater offset. */
  readonly floor: number;
  /** These, the lowest offset first. The last one has the number `numberOf`, without gaps. */
  readonly rows: readonly RecentRow[];
}

/** The policy of a logged type: how entries become a state, a function of the log alone. */
export interface LoggedPolicy<Body = unknown, State = unknown, View = unknown>
  extends Policy<State, View> {
  /** The state after an entry at an offset of the log. */
  fold(before: State, entry: Entry<Body>, offset: number): State;
  /**
   * What a cancel of an entry needs besides its id, at most 64 characters. Throws `invalid_body` if
   * the body cannot be folded: producers call it before they accept an entry.
   */
  undoKey(body: Body): string;
  /** The state after the cancel of an entry. */
  unfold(before: State, id: string, undoKey: string): State;
  /** The state after the deletion of an entry at an offset of the log; of deletable types. */
  remove?(before: State, id: string, offset: number): State;
  /** The dense number of the last entry or deletion of a state; of types with a history. */
  numberOf?(state: State): number;
  /** The newest entries and deletions that a state has; of types with a history. */
  recent?(state: Versioned<State>): Recent;
  /**
   * The entries that `other`, another origin's state, has deleted, and `own` has not; also those of
   * `deletedIds`, which the other origin had deleted before.
   */
  undeleted?(own: State, other: State, deletedIds?: readonly string[]): readonly Undeleted[];
  /**
   * What must be sent to receivers that have the state of the version `since`, or a newer one; the
   * state itself if not given. `merge` joins it with theirs.
   */
  delta?(state: Versioned<State>, since: number): Versioned<State>;
  /** The size of a state, about as JSON, bytes; of policies whose states may be large. */
  bytes?(state: State): number;
  /** What the cache has of a state: enough for viewers that join; the state itself if not given. */
  cached?(state: State): State;
  /** What is saved of a state; the state itself if not given. */
  saved?(state: State): State;
  /**
   * Decides over an entry before a producer appends it, from the newest states that the producer
   * knows. Throws a LikestreamError if there is no room for it. If not given, each entry is
   * appended.
   */
  admit?(states: Vector<State>, entry: Pick<Entry<Body>, 'memberId' | 'body'>): Admission<Body>;
  /** The value of a key, any JSON; undefined if there is none. Of types with values by key. */
  cell?(view: View, key: string): KeyedValue | undefined;
}

/** An entry that another log has deleted. */
export interface Undeleted {
  readonly id: string;
  /** Whether our log has the entry up to the state's version; undefined if that is not known. */
  readonly isOwn: boolean | undefined;
}

/** The body that a producer appends; or the entry that stays, because the new one is older. */
export type Admission<Body = unknown> =
  | { readonly body: Body }
  | { readonly kept: Omit<Entry<Body>, 'id'> & { readonly place: string } };

/** A value, and the place of the entry that wrote it. */
export interface KeyedValue {
  readonly value: unknown;
  readonly place: string;
}

/** The policy of a leased type: how the contributions of all workers become a state. */
export interface LeasedPolicy<Value = unknown, State = unknown, View = unknown>
  extends Policy<State, View> {
  /** The shape of a contribution, as JSON. */
  readonly value: z.ZodType<Value>;
  /** Joins contributions, in any order; undefined if there are none. */
  join(values: readonly Value[]): Value | undefined;
  /** The next state; `now` is in ms since the epoch. */
  next(before: State | undefined, joined: Value | undefined, now: number): State;
  /** The number whose standing values a worker measures (`Streams.stood`). */
  level?(view: View): number;
}

/** The policy of a type of moments. The origin of a moment's state is the member. */
export interface MomentPolicy<Body = unknown, State = unknown, View = unknown>
  extends Policy<State, View> {
  /** The state of a member's moment. */
  stateOf(body: Body): State;
}
