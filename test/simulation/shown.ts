import { z } from 'zod';

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

/** The total and the count of each key that an event shows. */
export interface Shown {
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** What the data of an event shows of a type; undefined if it has none of its fields. */
export function shownIn(
  data: Readonly<Record<string, unknown>>,
  fields: ShownFields,
): Shown | undefined {
  const [total, each] = [data[fields.total], data[fields.counts]];
  if (total === undefined && each === undefined) return undefined;
  return { total: z.int().parse(total), counts: counts.parse(each) };
}

/** The sum of counts. */
export function sumIn(all: Readonly<Record<string, number>>): number {
  return Object.values(all).reduce((sum, count) => sum + count, 0);
}
