import { z } from 'zod';
import type { ErrorCode } from './errors';
import type { Vector, Versioned } from './state';

/** One event of a type: the machinery reads all of it but the body. */
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
}

/** What an event says besides the state. */
export interface NewsContext {
  /** The time of the oldest entry that the viewer was not sent, ms since the epoch. */
  readonly oldestAt: number;
  /** The vector of the state, as text: `dc1.1@1420,dc2.1@7`. */
  readonly seen: string;
}

/**
 * How entries become a state, and the states of all origins one view. All methods are pure: they
 * depend on their parameters alone, and change none of them.
 */
export interface Policy<Body = unknown, State = unknown, View = unknown> {
  /** The shape of a state, as JSON. */
  readonly state: z.ZodType<State>;
  readonly empty: State;
  /** Whether two states of one origin with equal totals are equal. */
  readonly comparesTotals: boolean;
  /** Merges two states of one origin, wherever updates meet; `one` itself if nothing is newer. */
  merge(one: Versioned<State>, other: Versioned<State>): Versioned<State>;
  /** The state after an entry at an offset of the log. */
  fold(before: State, entry: Entry<Body>, offset: number): State;
  /**
   * What a cancel of an entry needs besides its id, at most 64 characters. Throws `invalid_body` if
   * the body cannot be folded: producers call it before they accept an entry.
   */
  undoKey(body: Body): string;
  /** The state after the cancel of an entry. */
  unfold(before: State, id: string, undoKey: string): State;
  view(states: Vector<State>): View;
  /** Whether a viewer would see no difference; then nothing is sent. */
  same(one: View, other: View): boolean;
  /** The number that a place has besides the versions: of a counter the total, else 0. */
  total(view: View): number;
  /** The fields of a snapshot, and of the answer to a GET. */
  snapshot(view: View): object;
  /** The events from what a viewer has seen to the view, in order. */
  news(view: View, seen: Seen, context: NewsContext): readonly News[];
  /** The number of entries that these events have, for metrics; negative after a cancel. */
  count(view: View, seen: Seen): number;
}

/** The type of a column of a type's rows. */
export type ColumnType = 'text' | 'bigint' | 'boolean';

/** An event type whose entries are in the log and in the store. A file of its own defines it. */
export interface EventType<Body = unknown, State = unknown, View = unknown> {
  /** Names the topic, the table, the event, the route's last part and the label of metrics. */
  readonly name: string;
  /** The kind of its channels: `video` for `/videos/ID/likes` and `channel=video:42`. */
  readonly channelKind: string;
  /** The name of the id in requests and answers. */
  readonly idName: string;
  /** `member`: the member's id is the entry's id, so each member counts once a channel. */
  readonly idFrom: 'client' | 'member';
  /** The shape of a body in the log. */
  readonly body: z.ZodType<Body>;
  /** The shape of a body in a request, with defaults; `body` if not given. */
  readonly request?: z.ZodType<Body> | undefined;
  /** By field of a request, the code of the error if it is not valid; else `invalid_body`. */
  readonly errors?: Readonly<Record<string, ErrorCode>> | undefined;
  /** The fields of a body, as columns of its row. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Whether an id that two datacenters have accepted is cancelled in one of them. */
  readonly exact: boolean;
  /** The most entries of one request; 1: a request cannot have a list. */
  readonly maxPerRequest: number;
  /** Whether one record may have several entries; false if an entry's place is its offset. */
  readonly sharesRecords: boolean;
  readonly policy: Policy<Body, State, View>;
}

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const COLUMN = /^[a-z][A-Za-z0-9]{0,31}$/;

/** The shape of an event type's fields, for modules that no compiler has verified. */
const shape = z.looseObject({
  name: z.string().regex(NAME),
  channelKind: z.string().regex(/^[a-z]{1,32}$/),
  idName: z.string().regex(COLUMN),
  idFrom: z.enum(['client', 'member']),
  columns: z.record(z.string().regex(COLUMN), z.enum(['text', 'bigint', 'boolean'])),
  exact: z.boolean(),
  maxPerRequest: z.int().min(1).max(100),
  sharesRecords: z.boolean(),
});

/** Verifies an event type; throws an Error that names the type and the wrong field. */
export function eventType<Body, State, View>(
  type: EventType<Body, State, View>,
): EventType<Body, State, View> {
  const parsed = shape.safeParse(type);
  const [issue] = parsed.error?.issues ?? [];
  if (issue) throw new Error(`event type ${type.name}: ${issue.path.join('.')}: ${issue.message}`);
  if (type.idFrom === 'member' && (!type.exact || type.maxPerRequest > 1)) {
    throw new Error(`event type ${type.name}: idFrom 'member' needs exact and maxPerRequest 1`);
  }
  return type;
}
