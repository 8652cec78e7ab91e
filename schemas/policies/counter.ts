import { z } from 'zod';
import { LikestreamError } from '../errors';
import type { LoggedPolicy } from '../policy';
import { newest } from '../state';

/** The number of entries of each key: an origin's state, and their sum over all origins. */
export type Counts = Readonly<Record<string, number>>;

export interface CounterOptions<Body> {
  /** The event's name on the stream. */
  readonly event: string;
  /** The field of events, snapshots and answers that has the counts by key. */
  readonly field: string;
  /**
   * The field that has the total; `total` if not given. Types of one kind of channel share a
   * snapshot, so each needs fields of its own.
   */
  readonly totalField?: string;
  /**
   * The key by which a body is counted: a text of at most 64 characters, and no name of
   * `Object.prototype`. Producers refuse other bodies.
   */
  readonly key: (body: Body) => string;
}

/** The longest key, in characters. */
const MAX_KEY_LENGTH = 64;

const counts: z.ZodType<Counts> = z.record(z.string().max(MAX_KEY_LENGTH), z.int());

/** The keys of one origin's state; further ones are counted together, as `other`. */
export const MAX_KEYS = 256;
const OTHER_KEYS = 'other';

/** Fields that each event has besides the total and the counts. */
const NEWS_FIELDS = ['new', 't', 'seen'];

/** Events that each stream has, and those of a browser's `EventSource` itself. */
const RESERVED_EVENTS = ['ready', 'snapshot', 'ping', 'bye', 'open', 'error'];

/**
 * The policy of events that are only counted, by a key. A viewer is sent the total, the counts, and
 * how many are new. Origins' counts are added, so the order of origins does not matter. A body
 * should allow few keys: after `MAX_KEYS`, all further ones are counted as `other`. Throws an
 * Error if the event or a field cannot have its name.
 */
export function counter<Body>({
  event,
  field,
  key,
  totalField = 'total',
}: CounterOptions<Body>): LoggedPolicy<Body, Counts, Counts> {
  requireOwnNames(event, [...NEWS_FIELDS, totalField, field]);
  // One key after the other: objects that are built by a spread of computed keys are much slower.
  const fieldsOf = (view: Counts): Record<string, unknown> => {
    const data: Record<string, unknown> = {};
    data[totalField] = totalOf(view);
    data[field] = view;
    return data;
  };
  const shown = z.object({ [totalField]: z.int(), [field]: counts });
  const news = { new: z.int(), t: z.int(), seen: z.string() };
  return {
    shapes: { snapshot: shown, events: { [event]: shown.extend(news) } },
    state: counts,
    empty: {},
    merge: newest,
    fold: (before, { body }) => added(before, key(body), 1),
    undoKey: (body) => verifiedKey(key(body)),
    unfold: (before, _id, undoKey) => added(before, undoKey, -1),
    view: (states) => sumOf(Object.values(states).map(({ state }) => state)),
    same: sameCounts,
    total: totalOf,
    snapshot: fieldsOf,
    news: (view, seen, { oldestAt: t, seen: vector }) => {
      const data = fieldsOf(view);
      data.new = totalOf(view) - seen.total;
      data.t = t;
      data.seen = vector;
      return [{ event, data }];
    },
    count: (view, seen) => totalOf(view) - seen.total,
  };
}

/** The sum of counts, by key. A key whose entries are all cancelled is absent. */
export function sumOf(parts: Iterable<Counts>): Counts {
  const all: Record<string, number> = {};
  for (const part of parts) {
    for (const name of Object.keys(part)) all[name] = (all[name] ?? 0) + (part[name] ?? 0);
  }
  const counted = Object.entries(all).filter(([, count]) => count !== 0);
  return counted.length === Object.keys(all).length ? all : Object.fromEntries(counted);
}

/** The sum over all keys. */
export function totalOf(of: Counts): number {
  let total = 0;
  for (const name of Object.keys(of)) total += of[name] ?? 0;
  return total;
}

/** Whether both have the same count of each key. */
function sameCounts(one: Counts, other: Counts): boolean {
  const names = Object.keys(one);
  const isAlike = names.every((name) => one[name] === other[name]);
  return isAlike && names.length === Object.keys(other).length;
}

// A key never leaves a state, and none is added to a full one. So the cancel of an entry finds the
// key under which the entry was counted.
function added(before: Counts, key: string, by: number): Counts {
  const isCounted = before[key] !== undefined || Object.keys(before).length < MAX_KEYS;
  const name = isCounted ? key : OTHER_KEYS;
  // A copy that is set costs half of a literal with a computed name.
  const after: Record<string, number> = { ...before };
  after[name] = (before[name] ?? 0) + by;
  return after;
}

function requireOwnNames(event: string, fields: readonly string[]): void {
  if (!/^[A-Za-z][\w-]*$/.test(event) || RESERVED_EVENTS.includes(event)) {
    throw new Error(`policy: an event cannot have the name ${JSON.stringify(event)}`);
  }
  const shared = fields.find((field, at) => fields.indexOf(field) < at);
  if (shared) throw new Error(`policy: the field ${shared} of events is another one's`);
}

// `counts` refuses a state with another key. Counts are plain objects, which inherit names.
function verifiedKey(key: string): string {
  const isKey = typeof key === 'string' && key.length <= MAX_KEY_LENGTH;
  if (isKey && !(key in Object.prototype)) return key;
  throw new LikestreamError('invalid_body', 'the entry has no key by which it can be counted');
}
