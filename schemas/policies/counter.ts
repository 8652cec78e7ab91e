import { z } from 'zod';
import type { Policy } from '../event-type';
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
  /** The key by which a body is counted. It must not be a name of `Object.prototype`. */
  readonly key: (body: Body) => string;
}

const counts: z.ZodType<Counts> = z.record(z.string().max(64), z.int());

/**
 * The policy of events that are only counted, by a key. A viewer is sent the total, the counts, and
 * how many are new. Origins' counts are added, so the order of origins does not matter.
 */
export function counter<Body>({
  event,
  field,
  key,
  totalField = 'total',
}: CounterOptions<Body>): Policy<Body, Counts, Counts> {
  const fields = (view: Counts) => ({ [totalField]: totalOf(view), [field]: view });
  return {
    state: counts,
    empty: {},
    comparesTotals: true,
    merge: newest,
    fold: (before, { body }) => added(before, key(body), 1),
    undoKey: key,
    unfold: (before, _id, undoKey) => added(before, undoKey, -1),
    view: (states) => sumOf(Object.values(states).map(({ state }) => state)),
    same: sameCounts,
    total: totalOf,
    snapshot: fields,
    news: (view, seen, { oldestAt: t, seen: vector }) => {
      const total = totalOf(view);
      const data = { ...fields(view), new: total - seen.total, t, seen: vector };
      return [{ event, data }];
    },
    count: (view, seen) => totalOf(view) - seen.total,
  };
}

/** The sum of counts, by key. */
export function sumOf(parts: Iterable<Counts>): Counts {
  const all: Record<string, number> = {};
  for (const part of parts) {
    for (const name of Object.keys(part)) all[name] = (all[name] ?? 0) + (part[name] ?? 0);
  }
  return all;
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

function added(before: Counts, name: string, by: number): Counts {
  // A copy that is set costs half of a literal with a computed name.
  const after: Record<string, number> = { ...before };
  after[name] = (before[name] ?? 0) + by;
  return after;
}
