import fc from 'fast-check';
import '../fixtures/same-runs';
import { v4, v7, validate, version } from 'uuid';
import { ID_PATTERN, id, uuidv7Time } from '../../schemas/ids';
import { ids } from './arbitraries';

describe('an id', () => {
  it('has 1 to 64 characters of A-Z a-z 0-9 _ . -', () => {
    fc.assert(fc.property(ids, (text) => expect(id.parse(text)).toBe(text)));
    expect(id.safeParse('a'.repeat(64)).success).toBe(true);
  });

  it.each(['', 'a'.repeat(65), 'a b', 'a/b', 'a:b', 'ä', 'a\n', '\u0000'])('is not %j', (text) => {
    expect(ID_PATTERN.test(text)).toBe(false);
    expect(id.safeParse(text).success).toBe(false);
  });
});

describe('uuidv7Time', () => {
  it('returns the time in a UUIDv7', () => {
    const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(times, (msecs) => {
        expect(uuidv7Time(v7({ msecs }))).toBe(msecs);
        expect(uuidv7Time(v7({ msecs }).toUpperCase())).toBe(msecs);
      }),
    );
  });

  it('agrees with the regular expression of the package uuid for changed characters', () => {
    const change = fc.tuple(fc.nat({ max: 35 }), fc.constantFrom(...'09afAFgG-789bcßǿ'));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), change, (msecs, [at, by]) => {
        const id = v7({ msecs });
        const changed = id.slice(0, at) + by + id.slice(at + 1);
        const isV7 = validate(changed) && version(changed) === 7;
        const digits = changed.replaceAll('-', '').slice(0, 12);
        expect(uuidv7Time(changed)).toBe(isV7 ? Number.parseInt(digits, 16) : undefined);
      }),
    );
  });

  it('returns undefined for any other id', () => {
    expect(uuidv7Time(v4())).toBeUndefined();
    expect(uuidv7Time('00000000-0000-0000-0000-000000000000')).toBeUndefined();
    expect(uuidv7Time(v7().replaceAll('-', ''))).toBeUndefined();
    fc.assert(fc.property(ids, (text) => expect(uuidv7Time(text)).toBeUndefined()));
  });
});
