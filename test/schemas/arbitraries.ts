import fc from 'fast-check';
import '../fixtures/same-runs';
import type { Seen } from '../../schemas/event-type';
import type { Place } from '../../schemas/place';
import type { Counts } from '../../schemas/policies/counter';
import type { Feeds, Vector, Versioned } from '../../schemas/state';

const LOWER_AND_DIGITS = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
const ID_CHARACTERS = [...'ABCXYZabcxyz0189_.-'];

/** Datacenter and log generation, as in `dc1.1`, some with a part, as in `dc1.1.3`. */
export const origins = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...LOWER_AND_DIGITS), minLength: 1, maxLength: 12 }),
    fc.nat({ max: 1_000 }),
    fc.option(fc.nat({ max: 1_000 }), { nil: undefined }),
  )
  .map(([datacenter, generation, part]) =>
    [datacenter, generation, ...(part === undefined ? [] : [part])].join('.'),
  );

/** The name of an event type. */
export const types = fc
  .tuple(
    fc.constantFrom(...LOWER_AND_DIGITS.slice(0, 26)),
    fc.string({ unit: fc.constantFrom(...LOWER_AND_DIGITS, '-'), maxLength: 31 }),
  )
  .map(([first, rest]) => first + rest);

/** An id of a client. */
export const ids = fc
  .string({ unit: fc.constantFrom(...ID_CHARACTERS), minLength: 1, maxLength: 64 })
  .filter((id) => !/^\.{1,2}$/.test(id));

export const channels = ids.map((id) => `video:${id}`);

/** Versions and totals of up to fifteen digits. */
const numbers = fc.oneof(
  fc.nat(),
  fc.maxSafeNat().map((value) => value % 1e15),
);

const seen: fc.Arbitrary<Seen> = fc.record({
  total: numbers,
  versions: fc
    .uniqueArray(fc.tuple(origins, numbers), { selector: ([origin]) => origin, maxLength: 5 })
    .map((entries) => new Map(entries)),
});

/** Places of up to four feeds. */
export const places: fc.Arbitrary<Place> = fc
  .uniqueArray(fc.tuple(types, seen), { selector: ([type]) => type, maxLength: 4 })
  .map((entries) => new Map(entries));

/** Places of at least one feed. */
export const somePlaces = places.filter((place) => place.size > 0);

/**
 * Vectors of one feed: the state of an origin is a function of its version and of nothing else.
 * Origins are few, so that vectors overlap.
 */
export const vectors: fc.Arbitrary<Vector<Counts>> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('dc1.1', 'dc1.2', 'dc2.1', 'dc3.1'), fc.nat({ max: 9 })), {
    selector: ([origin]) => origin,
  })
  .map((entries) => Object.fromEntries(entries.map(([origin, at]) => [origin, stateAt(at)])));

/** The feeds of one channel; types are few, so that they overlap. One type is unknown. */
export const someFeeds: fc.Arbitrary<Feeds> = fc.dictionary(
  fc.constantFrom('likes', 'poll-votes', 'unknown'),
  vectors,
);

/** The state of an origin's log at `version`. */
export function stateAt(version: number): Versioned<Counts> {
  return { version, state: { like: version + 1, love: version % 3 } };
}
