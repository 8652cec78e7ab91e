import fc from 'fast-check';
import '../fixtures/same-runs';
import { feedName, mergeUpdates, type Update } from '../../schemas/delivery';
import { SharedUpdate } from '../../schemas/shared-update';
import { counted, types } from '../dispatchers/parts';

function update(version: number, t: number, channel = 'video:42'): Update {
  return { channel, type: 'likes', t, vector: { 'dc1.1': counted(version, { like: version }) } };
}

describe('a shared update', () => {
  it('equals the plain one, and has its JSON, size and name', () => {
    const plain = update(7, 1_000, 'video:ü');
    const shared = new SharedUpdate(plain);
    expect(shared).toEqual(plain);
    expect(JSON.parse(shared.json)).toEqual(plain);
    expect(JSON.stringify(shared)).toBe(shared.json);
    expect(shared.bytes).toBe(Buffer.byteLength(JSON.stringify(plain)));
    expect(shared.feed).toBe(feedName(plain));
  });

  it('is not made twice', () => {
    const shared = new SharedUpdate(update(7, 1_000));
    expect(SharedUpdate.of(shared)).toBe(shared);
    expect(SharedUpdate.of(update(7, 1_000))).toEqual(shared);
  });

  it('is merged as a plain one, with whatever it was merged before', () => {
    const some = fc.array(fc.record({ version: fc.nat(5), t: fc.nat(5) }), { minLength: 1 });
    fc.assert(
      fc.property(some, fc.nat(5), fc.nat(5), (all, version, t) => {
        const later = new SharedUpdate(update(version, t));
        const earlier = all.map((each) => update(each.version, each.t));
        for (const each of [...earlier, ...earlier]) {
          const merged = later.mergedOnto(each, types);
          expect(merged).toEqual(mergeUpdates(types, each, later));
          expect(JSON.parse(merged.json)).toEqual(merged);
        }
      }),
    );
  });

  it('is merged once for all outboxes that have the same earlier one', () => {
    const earlier = new SharedUpdate(update(1, 10));
    const later = new SharedUpdate(update(2, 20));
    const merged = later.mergedOnto(earlier, types);
    expect(later.mergedOnto(earlier, types)).toBe(merged);
    expect(later.mergedOnto(update(1, 10), types)).not.toBe(merged);
  });
});
