import { z } from 'zod';
import { estimate, NO_IDS, type Sketch, sketchText, union } from '../hyperloglog';
import type { LeasedPolicy } from '../policy';
import { newest } from '../state';

/**
 * The policy of the number of distinct members, about, since the channel's first stream. Streams do
 * not carry it; `field` is that of the answer. A state only grows.
 */
export function sketch({
  field,
}: {
  readonly field: string;
}): LeasedPolicy<Sketch, Sketch, Sketch> {
  return {
    shapes: {
      snapshot: z.object({}),
      answer: z.object({ [field]: z.int().nonnegative() }),
      events: {},
    },
    value: sketchText,
    state: sketchText,
    empty: NO_IDS,
    merge: newest,
    join: (values) => (values.length > 0 ? values.reduce(union) : undefined),
    next: (before = NO_IDS, joined = NO_IDS) => union(before, joined),
    view: (states) => Object.values(states).reduce((all, { state }) => union(all, state), NO_IDS),
    same: (one, other) => one === other,
    total: () => 0,
    snapshot: () => ({}),
    answer: (view) => ({ [field]: estimate(view) }),
    news: () => [],
    count: () => 0,
  };
}
