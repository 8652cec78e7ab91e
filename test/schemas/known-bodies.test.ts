import { z } from 'zod';
import { parseBody } from '../../schemas/known-bodies';

/** A type that counts how often its schema is used. */
function counting() {
  const used: unknown[] = [];
  const body = z
    .object({ reaction: z.string().regex(/^[a-z0-9]+$/), note: z.string().optional() })
    .refine((value) => used.push(value) > 0);
  return { used, body };
}

const MANY = 1_000;

describe('the body of an entry', () => {
  it('is verified once for all equal ones, which are one object', () => {
    const type = counting();
    const first = parseBody(type, { reaction: 'like' });
    expect(first).toEqual({ reaction: 'like' });
    expect(parseBody(type, { reaction: 'like' })).toBe(first);
    expect(parseBody(type, { reaction: 'love' })).toEqual({ reaction: 'love' });
    expect(type.used).toHaveLength(2);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('is refused each time if it is not valid', () => {
    const type = counting();
    for (const body of [{ reaction: 'LIKE' }, { note: 'like' }, {}, null, 'like', ['like']]) {
      for (const _ of [1, 2]) expect(() => parseBody(type, body)).toThrow();
    }
  });

  it('is not the known one of another type, or of another field', () => {
    parseBody(counting(), { reaction: 'like' });
    const other = { body: z.strictObject({ reaction: z.literal('love') }) };
    expect(() => parseBody(other, { reaction: 'like' })).toThrow();
    const twoFields = { reaction: 'like', note: 'a' };
    expect(parseBody(counting(), twoFields)).toEqual(twoFields);
  });

  it('is kept only for a bounded number of short texts', () => {
    const type = counting();
    for (let at = 0; at < MANY; at++) parseBody(type, { reaction: `r${at}` });
    parseBody(type, { reaction: `r${MANY - 1}` });
    parseBody(type, { reaction: 'r'.repeat(MANY) });
    parseBody(type, { reaction: 'r'.repeat(MANY) });
    expect(type.used).toHaveLength(MANY + 3);
    parseBody(type, { reaction: 'r0' });
    expect(type.used).toHaveLength(MANY + 3);
  });
});
