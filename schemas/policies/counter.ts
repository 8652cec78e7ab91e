import { z } from 'zod';

/** The number of each reaction: the state of the `counter` policy. */
export type Counts = Readonly<Record<string, number>>;

export const counts = z.record(z.string().max(64), z.int());

/**
 * The merge policy of events that are only counted: an origin's sums by reaction. Sums of several
 * origins are added, so their order does not matter.
 */
export const counter = {
  empty: {} as Counts,

  /** The counts after one more `reaction`. */
  fold(before: Counts, reaction: string): Counts {
    return { ...before, [reaction]: (before[reaction] ?? 0) + 1 };
  },

  /** The counts after the cancel of one `reaction`. */
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

  /** Whether both have the same count of each reaction. */
  equal(one: Counts, other: Counts): boolean {
    const names = Object.keys(one);
    const isAlike = names.every((name) => one[name] === other[name]);
    return isAlike && names.length === Object.keys(other).length;
  },

  /** The sum over all reactions. */
  total(of: Counts): number {
    let total = 0;
    for (const name of Object.keys(of)) total += of[name] ?? 0;
    return total;
  },
};
