import { z } from 'zod';
import { parseVectorText } from '../../schemas/place';

/** The names of a type's fields in events, as a page reads them. */
export interface ShownFields {
  /** The event type, and the name of its event. */
  readonly type: string;
  readonly total: string;
  readonly counts: string;
}

export const LIKE_VIEW: ShownFields = { type: 'likes', total: 'total', counts: 'reactions' };
export const VOTE_VIEW: ShownFields = { type: 'poll-votes', total: 'votes', counts: 'options' };

/** All types of a run. */
export const VIEWS: readonly ShownFields[] = [LIKE_VIEW, VOTE_VIEW];

const counts = z.record(z.string(), z.int());
const allSeen = z.union([z.string(), z.record(z.string(), z.string())]);

/** The total and the count of each key that an event shows, and of which versions. */
export interface Shown {
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
  /** The vector as text, as in `seen`. */
  readonly seen: string;
}

/** What the data of an event shows of a type; undefined if it has none of its fields. */
export function shownIn(
  data: Readonly<Record<string, unknown>>,
  fields: ShownFields,
): Shown | undefined {
  const [total, each] = [data[fields.total], data[fields.counts]];
  if (total === undefined && each === undefined) return undefined;
  // A snapshot has the vectors of several feeds.
  const seen = allSeen.parse(data.seen);
  const text = typeof seen === 'string' ? seen : (seen[fields.type] ?? 'none');
  return { total: z.int().parse(total), counts: counts.parse(each), seen: text };
}

/** Whether a version of a vector is older in a later one, or is not in it. */
export function stepsBack(before: string, after: string): boolean {
  const later = parseVectorText(after) ?? new Map<string, number>();
  const earlier = parseVectorText(before) ?? new Map<string, number>();
  return [...earlier].some(([origin, version]) => (later.get(origin) ?? -1) < version);
}

/** The sum of counts. */
export function sumIn(all: Readonly<Record<string, number>>): number {
  return Object.values(all).reduce((sum, count) => sum + count, 0);
}
