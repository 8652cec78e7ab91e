import fc from 'fast-check';
import '../../fixtures/same-runs';
import { seenOf } from '../../../schemas/place';
import { type Counts, counter, MAX_KEYS, sumOf, totalOf } from '../../../schemas/policies/counter';

const policy = counter<string>({ event: 'likes', field: 'reactions', key: (name) => name });

const context = { channelId: '42', maxEntries: 50 };

const reactions = fc.constantFrom('like', 'love', 'funny');
const someCounts = fc.dictionary(reactions, fc.nat({ max: 1_000_000 }));

function entry(body: string) {
  return { id: 'a', memberId: 'ann', at: 1, body };
}

function fold(given: readonly string[], from: Counts = policy.empty): Counts {
  return given.reduce((before, name, at) => policy.fold(before, entry(name), at), from);
}

describe('a counter', () => {
  it('counts one key per entry', () => {
    fc.assert(
      fc.property(fc.array(reactions), (given) => {
        const counts = fold(given);
        expect(totalOf(counts)).toBe(given.length);
        for (const name of given) {
          expect(counts).toHaveProperty(name, given.filter((other) => other === name).length);
        }
      }),
    );
  });

  it('is the same in any order of entries, and after an entry and its cancel', () => {
    fc.assert(
      fc.property(fc.array(reactions), reactions, (given, extra) => {
        expect(fold(given.toReversed())).toEqual(fold(given));
        const with1 = fold([extra], fold(given));
        const without = policy.unfold(with1, 'a', policy.undoKey(extra));
        expect(totalOf(without)).toBe(given.length);
        expect(without[extra]).toBe(given.filter((name) => name === extra).length);
      }),
    );
  });

  it('does not change its argument', () => {
    const before = Object.freeze({ like: 1 });
    expect(fold(['like'], before)).toEqual({ like: 2 });
    expect(policy.unfold(before, 'a', 'like')).toEqual({ like: 0 });
    expect(before).toEqual({ like: 1 });
  });

  it('has the sum of all origins as its view', () => {
    fc.assert(
      fc.property(fc.array(someCounts, { maxLength: 4 }), (parts) => {
        const states = parts.map((state, at) => [`dc${at}.1`, { version: at, state }] as const);
        const view = policy.view(Object.fromEntries(states));
        expect(view).toEqual(sumOf(parts));
        expect(policy.total(view)).toBe(parts.reduce((sum, part) => sum + totalOf(part), 0));
      }),
    );
  });

  it('has equal views if the count of each key is equal', () => {
    expect(policy.same({ like: 1, love: 2 }, { love: 2, like: 1 })).toBe(true);
    expect(policy.same({}, {})).toBe(true);
    expect(policy.same({ like: 1 }, { like: 2 })).toBe(false);
    expect(policy.same({ like: 1 }, { love: 1 })).toBe(false);
    expect(policy.same({ like: 1 }, { like: 1, love: 0 })).toBe(false);
    expect(policy.same({ like: 1, love: 0 }, { like: 1 })).toBe(false);
  });

  it('counts keys beyond a fixed number together, and cancels each where it was counted', () => {
    const names = Array.from({ length: MAX_KEYS + 3 }, (_, at) => `key-${at}`);
    const full = fold(names);
    expect(Object.keys(full)).toHaveLength(MAX_KEYS + 1);
    expect(full.other).toBe(3);
    const cancelled = names.reduce((before, name) => policy.unfold(before, 'a', name), full);
    expect(policy.view({ 'dc1.1': { version: 1, state: cancelled } })).toEqual({});
  });

  it('has a view without keys whose entries are all cancelled', () => {
    const cancelled = policy.unfold(fold(['like', 'love']), 'a', 'love');
    const states = { 'dc1.1': { version: 3, state: cancelled } };
    expect(policy.view(states)).toEqual({ like: 1 });
  });

  it('sends the total, the counts, what is new, the oldest time and the place', () => {
    const view = { like: 3, love: 1 };
    const seen = seenOf(1, { 'dc1.1': { version: 3, state: { like: 1 } } });
    expect(policy.snapshot(view)).toEqual({ total: 4, reactions: view });
    expect(policy.news(view, seen, { ...context, oldestAt: 7, seen: 'dc1.1@9' })).toEqual([
      { event: 'likes', data: { total: 4, reactions: view, new: 3, t: 7, seen: 'dc1.1@9' } },
    ]);
    expect(policy.count(view, seen)).toBe(3);
  });
});

describe('what a counter refuses', () => {
  it.each([
    ['the event', { event: 'snapshot' }, 'an event cannot have the name "snapshot"'],
    ['the event', { event: 'a\nb' }, 'an event cannot have the name "a\\nb"'],
    ['the total', { totalField: 'new' }, "the field new of events is another one's"],
    ['the counts', { field: 't' }, "the field t of events is another one's"],
    ['the counts', { field: 'votes', totalField: 'votes' }, 'the field votes of events'],
  ])('has names that are taken or invalid, for %s: %j', (_, names, message) => {
    const build = () => counter<string>({ event: 'e', field: 'f', key: String, ...names });
    expect(build).toThrow(message);
  });

  it('has bodies whose key no state can have', () => {
    const refusal = expect.objectContaining({ code: 'invalid_body', status: 400 });
    expect(policy.undoKey('x'.repeat(64))).toBe('x'.repeat(64));
    for (const key of ['x'.repeat(65), 'constructor', 'toString', '__proto__']) {
      expect(() => policy.undoKey(key)).toThrow(refusal);
    }
    const wrong = counter<{ key: string }>({ event: 'e', field: 'f', key: ({ key }) => key });
    expect(() => wrong.undoKey(JSON.parse('{"key":7}'))).toThrow(refusal);
  });

  it('has counts that are no integers', () => {
    expect(policy.state.safeParse({ like: 1, love: -1 }).success).toBe(true);
    expect(policy.state.safeParse({ like: '1' }).success).toBe(false);
    expect(policy.state.safeParse({ like: 1.5 }).success).toBe(false);
    expect(policy.state.safeParse(null).success).toBe(false);
  });
});
