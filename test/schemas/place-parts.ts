import fc from 'fast-check';
import '../fixtures/same-runs';
import type { Place } from '../../schemas/place';
import { places } from './arbitraries';

/** Places whose types and origins are few, as in one installation. */
const installed = places.map((place) => {
  const feeds = [...place].map(([type, { total, versions }], at) => {
    const all = [...versions].map(
      ([, version], of) => [`dc${of}.${type.length % 3}`, version] as const,
    );
    return [`type-${at}`, { total, versions: new Map(all) }] as const;
  });
  return new Map(feeds);
});

export const several = fc.uniqueArray(
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), installed),
  {
    selector: ([key]) => key,
    maxLength: 12,
  },
);

type Feed = readonly [total: number, versions: Record<string, number>];

export function place(feeds: Record<string, Feed>): Place {
  const all = Object.entries(feeds);
  return new Map(
    all.map(([type, [total, versions]]) => [
      type,
      { total, versions: new Map(Object.entries(versions)) },
    ]),
  );
}

/** The place of a viewer of likes. */
export function liked(total: number, versions: Record<string, number>): Place {
  return place({ likes: [total, versions] });
}

export function compact(...bytes: number[]): string {
  return `~${Buffer.from(bytes).toString('base64url')}`;
}

/** The bytes of a name in the list of names. */
export function named(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

/** The bytes of the key 1. */
export const KEY = [1, 0, 0, 0, 0, 0, 0, 0];
