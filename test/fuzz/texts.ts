import fc from 'fast-check';

/** Names of a path, or texts of a field, that programs are known to trip over. */
const HOSTILE = [
  ...[
    '',
    '.',
    '..',
    '...',
    '%00',
    '%',
    '%E0%A4%A',
    '%2e%2e',
    '%2F',
    '..%2f..%2fetc',
    ';',
    '?',
    '#',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'null', 'undefined'],
  ...['a b', 'a\tb', 'ä', '💥', '\ud800', '\u0000', '\u202e', 'a'.repeat(65), 'x'.repeat(3_000)],
  ...['-1', '0', '1e309', '9007199254740993', 'NaN', '{}', '[]', "'", '"', '<script>', '$(x)'],
  'ffffffff-ffff-7fff-bfff-ffffffffffff',
];

export const hostileTexts = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Ids, most of them valid, of few channels, so that requests meet. */
export const someIds = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'v-1', 'x.y_z', '42') },
  { weight: 2, arbitrary: fc.uuid({ version: 7 }) },
  { weight: 3, arbitrary: hostileTexts },
);

/** A place, a vector or an event id, most of them nearly valid. */
export const placeTexts = fc.oneof(
  fc.constantFrom(
    ...['dc1.1@0', 'dc1.1@1420,dc2.1@7', 'dc1.1@', '@', 'dc1.1@-1', 'dc1.1@9007199254740993'],
    ...['video:a/likes=3:dc1.1@1', 'video:a/likes=3:dc1.1@1;comments=0:dc1.1@4', 'dc1.1@1,dc1.1@2'],
    ...['video:a/likes=', 'video:a/likes=1e9:dc9.9@9', 'video:__proto__/likes=1:dc1.1@1', ','],
  ),
  hostileTexts,
  fc.string({ unit: fc.constantFrom(...'video:a/likes=3dc1.1@,;0'), maxLength: 60 }),
  fc.nat({ max: 6_000 }).map((length) => 'video:a/likes=3:dc1.1@1;'.repeat(length / 20)),
);

/** A text with a few bytes of it changed, left out or doubled. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 12 }),
    by: hostileTexts,
    twice: fc.boolean(),
  });
  return fc.tuple(texts, fc.array(change, { maxLength: 3 })).map(([text, changes]) => {
    let result = text;
    for (const { at, by, length, twice } of changes) {
      const from = Math.floor(at * result.length);
      const part = result.slice(from, from + length);
      result = result.slice(0, from) + (twice ? part + part : by) + result.slice(from + length);
    }
    return result;
  });
}

/** JSON values; keys are names that routes know, and names that objects inherit. */
export function jsonOf(keys: readonly string[]): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    fc.constantFrom(null, true, 0, -1, 1e308, 2 ** 53, ''),
    fc.double(),
    someIds,
    placeTexts,
  );
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...keys) },
    { weight: 1, arbitrary: hostileTexts },
  );
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  })).value;
}
