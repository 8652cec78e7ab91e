/**
 * By feed of a view, the time of the oldest entry that was not sent, ms since the epoch; infinite
 * for a feed without one.
 */
export type Times = readonly number[];

/** The earlier time of each feed; undefined stands for no time at all. */
export function earliest(one: Times | undefined, other: Times | undefined): Times | undefined {
  if (!one || !other) return one ?? other;
  return one.map((t, at) => Math.min(t, other[at] ?? Number.POSITIVE_INFINITY));
}
