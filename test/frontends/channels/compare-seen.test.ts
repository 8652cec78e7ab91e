import fc from 'fast-check';
import '../../fixtures/same-runs';
import { compareSeen } from '../../../frontends/channels/compare-seen';
import type { Seen } from '../../../schemas/event-type';

function place(total: number, versions: Record<string, number>): Seen {
  return { total, versions: new Map(Object.entries(versions)) };
}

describe('what a viewer has seen of a feed, compared with the sent state', () => {
  it.each([
    ['the same', place(3, { a: 3 }), place(3, { a: 3 }), 'same'],
    ['nothing yet, both', place(0, {}), place(0, {}), 'same'],
    ['an older version', place(2, { a: 2 }), place(3, { a: 3 }), 'behind'],
    ['an older one of two', place(5, { a: 3, b: 1 }), place(7, { a: 3, b: 3 }), 'behind'],
    ['an origin less', place(3, { a: 3 }), place(4, { a: 3, b: 0 }), 'behind'],
    ['from before the first like', place(0, {}), place(1, { a: 0 }), 'behind'],
    ['a newer version', place(4, { a: 4 }), place(3, { a: 3 }), 'ahead'],
    ['newer in one, older in another', place(6, { a: 4, b: 1 }), place(6, { a: 3, b: 2 }), 'ahead'],
    ['an origin that the channel lacks', place(4, { a: 3, b: 0 }), place(3, { a: 3 }), 'ahead'],
    ['an empty channel', place(1, { a: 0 }), place(0, {}), 'ahead'],
    ['the same versions, another total', place(9, { a: 3 }), place(3, { a: 3 }), 'unusable'],
    ['a total without versions', place(9, {}), place(3, { a: 3 }), 'unusable'],
    [
      'older, with more likes than a recount left',
      place(9, { a: 2 }),
      place(3, { a: 3 }),
      'behind',
    ],
    ['the same total, an older version', place(3, { a: 3 }), place(3, { a: 9 }), 'behind'],
    ['the same with two origins', place(3, { a: 3, b: 0 }), place(3, { a: 9, b: 0 }), 'behind'],
    ['equal versions of two', place(3, { a: 3, b: 0 }), place(3, { a: 3, b: 0 }), 'same'],
  ])('%s', (_, viewer, channel, expected) => {
    expect(compareSeen(viewer, channel)).toBe(expected);
  });

  it('is behind if the channel’s is ahead, and the same both ways', () => {
    const versions = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(versions, versions, (one, other) => {
        const total = (of: Record<string, number>) =>
          Object.values(of).reduce((sum, version) => sum + version + 1, 0);
        const [mine, theirs] = [place(total(one), one), place(total(other), other)];
        const both = [compareSeen(mine, theirs), compareSeen(theirs, mine)];
        if (both[0] === 'same') expect(both).toEqual(['same', 'same']);
        if (both[0] === 'behind') expect(both).toEqual(['behind', 'ahead']);
      }),
    );
  });
});
