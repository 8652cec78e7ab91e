import fc from 'fast-check';
import '../fixtures/same-runs';
import { v4, v7 } from 'uuid';
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

  it('returns undefined for any other id', () => {
    expect(uuidv7Time(v4())).toBeUndefined();
    expect(uuidv7Time('00000000-0000-0000-0000-000000000000')).toBeUndefined();
    expect(uuidv7Time(v7().replaceAll('-', ''))).toBeUndefined();
    fc.assert(fc.property(ids, (text) => expect(uuidv7Time(text)).toBeUndefined()));
  });
});
