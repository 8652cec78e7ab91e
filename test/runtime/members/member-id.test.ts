import { createHash } from 'node:crypto';
import fc from 'fast-check';
import '../../fixtures/same-runs';
import { memberIdOf } from '../../../runtime/members/member-id';
import { ID_PATTERN } from '../../../schemas/ids';

function hashed(text: string): string {
  return `m-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

describe('the member id of a claim', () => {
  it('is the claim itself if that is a valid id', () => {
    for (const id of ['ann', 'Ann_1.x-Z', 'x'.repeat(64), 'm-1', '...']) {
      expect(memberIdOf(id)).toBe(id);
    }
  });

  it('is the text of a whole number', () => {
    expect([memberIdOf(42), memberIdOf(0), memberIdOf(-7)]).toEqual(['42', '0', '-7']);
  });

  it('is a hash of any other text', () => {
    for (const text of ['auth0|a b', 'ann@example.org', 'é', 'x'.repeat(65), '.', '..', ' ']) {
      expect(memberIdOf(text)).toBe(hashed(text));
    }
  });

  it('is a hash of a text that looks like a made id', () => {
    const made = hashed('é');
    for (const text of [made, `anonymous-${'0'.repeat(32)}`, 'anonymous-x']) {
      expect(memberIdOf(text)).toBe(hashed(text));
    }
  });

  it.each([[undefined], [null], [''], [1.5], [2 ** 53], [Number.NaN], [true], [['a']], [{}]])(
    'does not exist for %j',
    (claim) => {
      expect(memberIdOf(claim)).toBeUndefined();
    },
  );

  it('does not exist for half a surrogate pair: all of them have one UTF-8 form', () => {
    expect([memberIdOf('a\ud800'), memberIdOf('\udc00')]).toEqual([undefined, undefined]);
    expect(memberIdOf('👋')).toBe(hashed('👋'));
  });

  it('is always valid, and differs for different texts', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.stringMatching(/^[a-c.]{1,3}$/),
      fc.constantFrom('é', 'è', hashed('é'), hashed('è'), hashed(hashed('é')), 'anonymous-1'),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const ids = [memberIdOf(one), memberIdOf(other)];
        for (const id of ids) {
          expect(id).toMatch(ID_PATTERN);
          expect(id).not.toMatch(/^(\.{1,2}|anonymous-.*)$/);
        }
        expect(ids[0] === ids[1]).toBe(one === other);
      }),
      { numRuns: 300 },
    );
  });
});
