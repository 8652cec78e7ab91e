import fc from 'fast-check';
import { jsonOf } from './texts';

interface Change {
  /** Which part, by a number for each level. */
  readonly path: readonly number[];
  readonly by: unknown;
  readonly isRemoved: boolean;
}

/** Values of these forms with a few parts replaced or left out. */
export function mutated(
  values: fc.Arbitrary<unknown>,
  keys: readonly string[],
): fc.Arbitrary<unknown> {
  const change: fc.Arbitrary<Change> = fc.record({
    path: fc.array(fc.nat({ max: 40 }), { maxLength: 6 }),
    by: jsonOf(keys),
    isRemoved: fc.boolean(),
  });
  return fc
    .tuple(values, fc.array(change, { maxLength: 3 }))
    .map(([value, changes]) =>
      changes.reduce<unknown>((before, each) => changed(before, each, 0), value),
    );
}

function changed(value: unknown, change: Change, level: number): unknown {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (level >= change.path.length || !isInner) return change.by;
  const entries = Object.entries(value);
  const at = (change.path[level] ?? 0) % entries.length;
  const isLast = level === change.path.length - 1;
  const parts = entries.flatMap(([key, part], index): [string, unknown][] => {
    if (index !== at) return [[key, part]];
    return isLast && change.isRemoved ? [] : [[key, changed(part, change, level + 1)]];
  });
  return Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}
