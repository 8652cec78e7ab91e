import { z } from 'zod';
import type { ErrorCode } from './errors';
import type { LeasedPolicy, LoggedPolicy, MomentPolicy } from './policy';

export type { Entry, News, NewsContext, Seen } from './policy';

/** The type of a column of a type's rows. */
export type ColumnType = 'text' | 'bigint' | 'boolean';

/** What all event types have. */
interface TypeBasics {
  /** Names the topic, the table, the event, the route's last part and the label of metrics. */
  readonly name: string;
  /** The kind of its channels: `video` for `/videos/ID/likes` and `channel=video:42`. */
  readonly channelKind: string;
}

/** A type whose entries are in the log, and counted once. */
export interface LoggedType<Body = unknown, State = unknown, View = unknown> extends TypeBasics {
  readonly source?: 'log' | undefined;
  /** The name of the id in requests and answers. */
  readonly idName: string;
  /**
   * `member`: the member's id is the entry's id, so each member counts once a channel. `server`:
   * the producer makes each id, and requests and answers have none.
   */
  readonly idFrom: 'client' | 'member' | 'server';
  /** The shape of a body in the log. */
  readonly body: z.ZodType<Body>;
  /** The shape of a body in a request, with defaults; `body` if not given. */
  readonly request?: z.ZodType<Body> | undefined;
  /** By field of a request, the code of the error if it is not valid; else `invalid_body`. */
  readonly errors?: Readonly<Record<string, ErrorCode>> | undefined;
  /** The fields of a body, as columns of its row. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** `none`: entries have no rows, only the saved state is stored; `by-id` if not given. */
  readonly rows?: 'by-id' | 'none' | undefined;
  /** `put-by-name`: `PUT` and `DELETE` of `…/{name}/{key}` write cells; `post` if not given. */
  readonly call?: 'post' | 'put-by-name' | undefined;
  /** The right that a writer needs; `write` if not given. */
  readonly right?: 'write' | 'publish' | undefined;
  /** Whether an id that two datacenters have accepted is cancelled in one of them. */
  readonly exact: boolean;
  /** The most entries of one request; 1: a request cannot have a list. */
  readonly maxPerRequest: number;
  /** Whether one record may have several entries; false if an entry's place is its offset. */
  readonly sharesRecords: boolean;
  /** Whether the owner writes the order of all entries, and `GET` returns pages of them. */
  readonly hasHistory?: boolean | undefined;
  /** Whether `DELETE …/{name}/{id}` removes an entry; its policy has `remove`. */
  readonly isDeletable?: boolean | undefined;
  /** Whether slow mode limits how often a member may write. */
  readonly isSlowable?: boolean | undefined;
  readonly policy: LoggedPolicy<Body, State, View>;
}

/** The open streams of one worker in a channel, or of a member. */
export interface Streams {
  readonly count: number;
  /** The member who has just opened a stream; undefined if none did. */
  readonly openedBy?: string | undefined;
  /** When the last stream was closed, ms since the epoch; undefined while one is open. */
  readonly closedAt?: number | undefined;
  /** The greatest `LeasedPolicy.level` that stood for `standsMs`, as far as this worker saw. */
  readonly stood: number;
}

/** A type that is computed from open streams. Each worker contributes a value under its lease. */
export interface LeasedType<Value = unknown, State = unknown, View = unknown> extends TypeBasics {
  readonly source: 'streams';
  /** `channel`: the streams that watch the channel. `member`: those of the member with its id. */
  readonly of: 'channel' | 'member';
  /** A worker reports a channel's value at most once in this time. */
  readonly reportEveryMs: number;
  /** A viewer is sent an event of a channel at most once in this time. */
  readonly newsEveryMs: number;
  /** A value stays this long after the last stream was closed, or the worker was lost. */
  readonly graceMs: number;
  /** A changed state is saved at most once in this time; undefined: it is not saved. */
  readonly saveEveryMs?: number | undefined;
  /** How long a level must stand (`Streams.stood`); undefined: it is not measured. */
  readonly standsMs?: number | undefined;
  /** The type whose `GET` has this type's fields, too; then streams do not carry this type. */
  readonly shownBy?: string | undefined;
  /** The worker's contribution after a change of its streams; undefined: it has none. */
  value(before: Value | undefined, streams: Streams): Value | undefined;
  readonly policy: LeasedPolicy<Value, State, View>;
}

/** A type whose entries are passed on to viewers and not stored. */
export interface MomentType<Body = unknown, State = unknown, View = unknown> extends TypeBasics {
  readonly source: 'moments';
  /** The shape of a request's body. */
  readonly body: z.ZodType<Body>;
  /** Viewers are shown a member's moment this long, unless it is repeated. */
  readonly showMs: number;
  /** A member's moments of a channel are passed on at most once in this time. */
  readonly passEveryMs: number;
  readonly policy: MomentPolicy<Body, State, View>;
}

/** An event type. A file of its own defines it. */
export type EventType = LoggedType | LeasedType | MomentType;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const COLUMN = /^[a-z][A-Za-z0-9]{0,31}$/;

/** The shape of the fields that all types have, for modules that no compiler has verified. */
const basics = z.looseObject({
  name: z.string().regex(NAME),
  channelKind: z.string().regex(/^[a-z]{1,32}$/),
});

/** The same of a logged type's fields. */
const loggedShape = basics.extend({
  source: z.literal('log').optional(),
  idName: z.string().regex(COLUMN),
  idFrom: z.enum(['client', 'member', 'server']),
  columns: z.record(z.string().regex(COLUMN), z.enum(['text', 'bigint', 'boolean'])),
  rows: z.enum(['by-id', 'none']).optional(),
  call: z.enum(['post', 'put-by-name']).optional(),
  right: z.enum(['write', 'publish']).optional(),
  exact: z.boolean(),
  maxPerRequest: z.int().min(1).max(100),
  sharesRecords: z.boolean(),
});

/** Verifies a logged type; throws an Error that names the type and the wrong field. */
export function eventType<Body, State, View>(
  type: LoggedType<Body, State, View>,
): LoggedType<Body, State, View> {
  verify(loggedShape, type);
  // A row of the history is found by its offset.
  if (type.hasHistory && type.sharesRecords) {
    throw new Error(`event type ${type.name}: hasHistory needs sharesRecords false`);
  }
  if (type.idFrom === 'member' && (!type.exact || type.maxPerRequest > 1)) {
    throw new Error(`event type ${type.name}: idFrom 'member' needs exact and maxPerRequest 1`);
  }
  return type;
}

/** As `eventType`, of a leased type. */
export function leasedType<Value, State, View>(
  type: LeasedType<Value, State, View>,
): LeasedType<Value, State, View> {
  verify(basics, type);
  return type;
}

/** As `eventType`, of a type of moments. */
export function momentType<Body, State, View>(
  type: MomentType<Body, State, View>,
): MomentType<Body, State, View> {
  verify(basics, type);
  return type;
}

function verify(shape: z.ZodType, type: TypeBasics): void {
  const [issue] = shape.safeParse(type).error?.issues ?? [];
  if (issue) throw new Error(`event type ${type.name}: ${issue.path.join('.')}: ${issue.message}`);
}
