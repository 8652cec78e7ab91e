import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import '../fixtures/same-runs';
import { BoundedMap } from '../../runtime/bounded-map';

/** Sets the keys in this order, each to its index. */
function mapOf(maxEntries: number, keys: readonly string[]): BoundedMap<string, number> {
  const map = new BoundedMap<string, number>(maxEntries);
  for (const [at, key] of keys.entries()) map.set(key, at);
  return map;
}

async function collectGarbage(): Promise<void> {
  // A WeakRef keeps its object until the turn ends in which it was made.
  await setImmediate();
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

describe('BoundedMap', () => {
  it('evicts the entry that was set longest ago', () => {
    expect([...mapOf(2, ['a', 'b', 'c'])]).toEqual([
      ['b', 1],
      ['c', 2],
    ]);
  });

  it('makes an entry the newest when it is set again', () => {
    expect([...mapOf(2, ['a', 'b', 'a', 'c'])]).toEqual([
      ['a', 2],
      ['c', 3],
    ]);
  });

  it('has room for another entry after a deletion', () => {
    const map = mapOf(2, ['a', 'b']);
    map.delete('b');
    map.set('c', 2);
    expect(map.get('a')).toBe(0);
    expect(map.get('b')).toBeUndefined();
    expect(map.size).toBe(2);
  });

  it('keeps no value that was replaced or deleted', async () => {
    const map = new BoundedMap<string, object>(10);
    const gone = ['replaced', 'deleted'].map((key) => {
      const value = {};
      map.set(key, value);
      return new WeakRef(value);
    });
    for (let times = 0; times < 1_000; times++) map.set('replaced', {});
    map.delete('deleted');
    await collectGarbage();
    expect(gone.map((value) => value.deref())).toEqual([undefined, undefined]);
    expect(map.size).toBe(1);
  });

  it('holds the newest entries of any sequence, and never more than its maximum', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), keys, (maxEntries, all) => {
        const newest = [...new Set([...all].reverse())].slice(0, maxEntries).reverse();
        const expected = newest.map((key) => [key, all.lastIndexOf(key)]);
        expect([...mapOf(maxEntries, all)]).toEqual(expected);
      }),
    );
  });

  it('is like a list of the newest under any sequence of sets and deletions', () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 200 }),
        (max, all) => {
          const map = new BoundedMap<number, number>(max);
          let list: number[] = [];
          for (const [isSet, key] of all) {
            list = list.filter((each) => each !== key);
            if (isSet) list = [...list, key].slice(-max);
            if (isSet) map.set(key, key);
            else map.delete(key);
            expect([...map].map(([each]) => each)).toEqual(list);
          }
        },
      ),
    );
  });
});
