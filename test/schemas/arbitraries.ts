import fc from 'fast-check';
import '../fixtures/same-runs';
import type { Place } from '../../schemas/place';
import type { OriginState, Vector } from '../../schemas/state';

const LOWER_AND_DIGITS = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
const ID_CHARACTERS = [...'ABCXYZabcxyz0189_.-'];

/** Datacenter and log generation, as in `dc1.1`. */
export const origins = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...LOWER_AND_DIGITS), minLength: 1, maxLength: 12 }),
    fc.nat({ max: 1_000 }),
  )
  .map(([datacenter, generation]) => `${datacenter}.${generation}`);

/** An id of a client. */
export const ids = fc.string({
  unit: fc.constantFrom(...ID_CHARACTERS),
  minLength: 1,
  maxLength: 64,
});

export const channels = ids.map((id) => `video:${id}`);

/** Versions and totals of up to fifteen digits. */
const numbers = fc.oneof(
  fc.nat(),
  fc.maxSafeNat().map((value) => value % 1e15),
);

export const places: fc.Arbitrary<Place> = fc.record({
  total: numbers,
  versions: fc
    .uniqueArray(fc.tuple(origins, numbers), { selector: ([origin]) => origin, maxLength: 5 })
    .map((entries) => new Map(entries)),
});

/**
 * Vectors of the same channel: the counts of an origin are a function of its version and of nothing
 * else. Origins are few, so that vectors overlap.
 */
export const vectors: fc.Arbitrary<Vector> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('dc1.1', 'dc1.2', 'dc2.1', 'dc3.1'), fc.nat({ max: 9 })), {
    selector: ([origin]) => origin,
  })
  .map((entries) => Object.fromEntries(entries.map(([origin, at]) => [origin, stateAt(at)])));

/** The state of an origin's log at `version`. */
export function stateAt(version: number): OriginState {
  return { version, counts: { like: version + 1, love: version % 3 } };
}
