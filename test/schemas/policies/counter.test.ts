import fc from 'fast-check';
import '../../fixtures/same-runs';
import { counter } from '../../../schemas/policies/counter';

const reactions = fc.constantFrom('like', 'love', 'funny');
const someCounts = fc.dictionary(reactions, fc.nat({ max: 1_000_000 }));

describe('counter', () => {
  it('counts one reaction per fold', () => {
    fc.assert(
      fc.property(fc.array(reactions), (given) => {
        const counts = given.reduce((before, reaction) => counter.fold(before, reaction), {});
        expect(counter.total(counts)).toBe(given.length);
        for (const reaction of given) {
          expect(counts).toHaveProperty(
            reaction,
            given.filter((other) => other === reaction).length,
          );
        }
      }),
    );
  });

  it('does not change its argument', () => {
    const before = Object.freeze({ like: 1 });
    expect(counter.fold(before, 'like')).toEqual({ like: 2 });
    expect(before).toEqual({ like: 1 });
    expect(counter.empty).toEqual({});
  });

  it('has a sum whose total is the sum of the totals', () => {
    fc.assert(
      fc.property(fc.array(someCounts), (parts) => {
        const totals = parts.reduce((sum, part) => sum + counter.total(part), 0);
        expect(counter.total(counter.sum(parts))).toBe(totals);
      }),
    );
  });

  it('has equal counts if the count of each reaction is equal', () => {
    expect(counter.equal({ like: 1, love: 2 }, { love: 2, like: 1 })).toBe(true);
    expect(counter.equal({}, {})).toBe(true);
    expect(counter.equal({ like: 1 }, { like: 2 })).toBe(false);
    expect(counter.equal({ like: 1 }, { love: 1 })).toBe(false);
    expect(counter.equal({ like: 1 }, { like: 1, love: 0 })).toBe(false);
    expect(counter.equal({ like: 1, love: 0 }, { like: 1 })).toBe(false);
  });
});
