import { z } from 'zod';

/** How many of each reaction: what the `counter` policy keeps. */
export type Counts = Readonly<Record<string, number>>;

export const counts = z.record(z.string().max(64), z.int());

/**
 * The merge policy of events that are only counted: an origin's sums by reaction.
 * Sums of several origins add up, so the order in which they arrive does not matter.
 */
export const counter = {
  empty: {} as Counts,

  /** The counts after one more `reaction`. */
  fold(before: Counts, reaction: string): Counts {
    return { ...before, [reaction]: (before[reaction] ?? 0) + 1 };
  },

  /** The counts after one `reaction` was taken back. */
  unfold(before: Counts, reaction: string): Counts {
    return { ...before, [reaction]: (before[reaction] ?? 0) - 1 };
  },

  /** The sum over origins, by reaction. */
  sum(parts: Iterable<Counts>): Counts {
    const all: Record<string, number> = {};
    for (const part of parts) {
      for (const name of Object.keys(part)) all[name] = (all[name] ?? 0) + (part[name] ?? 0);
    }
    return all;
  },

  /** Whether both count the same. */
  equal(one: Counts, other: Counts): boolean {
    const names = Object.keys(one);
    const isAlike = names.every((name) => one[name] === other[name]);
    return isAlike && names.length === Object.keys(other).length;
  },

  /** All reactions together. */
  total(of: Counts): number {
    let total = 0;
    for (const name of Object.keys(of)) total += of[name] ?? 0;
    return total;
  },
};
