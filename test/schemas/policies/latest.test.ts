import fc from 'fast-check';
import '../../fixtures/same-runs';
import { seenOf, vectorText } from '../../../schemas/place';
import type { Cells } from '../../../schemas/policies/cells';
import { latest } from '../../../schemas/policies/latest';
import type { Seen } from '../../../schemas/policy';
import type { Vector } from '../../../schemas/state';

/** Numbers by key, of which the greater one stays. */
const policy = latest<{ key: string; value: number }>({
  event: 'number',
  field: 'numbers',
  cellOf: ({ body: { key, value } }) => ({ key, stamp: 0, value }),
  compare: (one, other) => Number(one.value) - Number(other.value),
  bounded: ({ cells }) => ({ cells: cells.slice(-4) }),
  admit: (_, { body }) => ({ body }),
  dataOf: ({ key, value }) => ({ key, value }),
  snapshotOf: (cells) => cells.map(({ key, value }) => `${key}${value}`),
  maxNews: 3,
  isForOthers: true,
});

type Write = readonly [key: string, value: number];

const write = fc.tuple(fc.constantFrom('a', 'b', 'c', '__proto__'), fc.nat({ max: 9 }));
const log = fc.array(write, { maxLength: 12 });

function fold(writes: readonly Write[], from: Cells = policy.empty, first = 0): Cells {
  return writes.reduce((before, [key, value], index) => {
    const entry = { id: 'x', memberId: 'ann', at: index, body: { key, value } };
    return policy.fold(before, entry, first + index);
  }, from);
}

function vectorOf(...logs: readonly (readonly Write[])[]): Vector<Cells> {
  const states = logs.map((writes, index) => {
    return [`dc${index + 1}.1`, { version: writes.length - 1, state: fold(writes) }] as const;
  });
  return Object.fromEntries(states);
}

const values = (states: Vector<Cells>) =>
  new Map(policy.view(states).cells.map(({ key, value }) => [key, value]));

const context = { oldestAt: 0, seen: '', channelId: '1', maxEntries: 50 };
const news = (states: Vector<Cells>, seen: Seen) => policy.news(policy.view(states), seen, context);

describe('latest', () => {
  it('has the greatest value of each key, in any order of the logs', () => {
    fc.assert(
      fc.property(log, log, (one, other) => {
        const expected = new Map<string, number>();
        for (const [key, value] of [...one, ...other]) {
          expected.set(key, Math.max(value, expected.get(key) ?? 0));
        }
        expect(values(vectorOf(one, other))).toEqual(expected);
        expect(values(vectorOf(other, one))).toEqual(expected);
      }),
    );
  });

  it('merges the states of one origin by their version', () => {
    const [old, next] = [fold([['a', 1]]), fold([['a', 2]])];
    const [one, other] = [
      { version: 0, state: old },
      { version: 1, state: next },
    ];
    expect(policy.merge(one, other)).toBe(other);
    expect(policy.merge(other, one)).toBe(other);
  });

  it('reads back each state that it has folded', () => {
    fc.assert(
      fc.property(log, (writes) => {
        const state = fold(writes);
        expect(policy.state.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
      }),
    );
  });

  it('bounds a state in the order of the log', () => {
    const state = fold(['a', 'b', 'c', 'd', 'e'].map((key) => [key, 1] as const));
    expect(state.cells.map(({ key }) => key)).toEqual(['b', 'c', 'd', 'e']);
  });

  it('leaves a state as it is if an older value arrives', () => {
    const before = fold([['a', 5]]);
    expect(fold([['a', 5]], before, 1)).toBe(before);
    expect(fold([['a', 4]], before, 1)).toBe(before);
  });
});

describe('the news of latest', () => {
  it('bring a viewer from any earlier state to the values of now', () => {
    fc.assert(
      fc.property(log, log, fc.nat(12), fc.nat(12), (one, other, first, second) => {
        const before = vectorOf(one.slice(0, first), other.slice(0, second));
        const now = vectorOf(one, other);
        const shown = values(before);
        const all = policy.news(policy.view(now), seenOf(0, before), context);
        for (const { data } of all) {
          const { key, value } = data as { key: string; value: number };
          shown.set(key, value);
        }
        if (all.length < 3) expect(shown).toEqual(values(now));
      }),
    );
  });

  it('can be cut after each event, and the rest is sent later', () => {
    fc.assert(
      fc.property(log, log, (one, other) => {
        const now = vectorOf(one, other);
        const all = news(now, seenOf(0, {}));
        for (const [index, { reached }] of all.slice(0, -1).entries()) {
          if (!reached) throw new Error('only the last event is the whole state');
          const rest = all.slice(index + 1).map(({ data }) => data);
          const sent = news(now, reached).map(({ data }) => data);
          expect(sent).toEqual(expect.arrayContaining(rest));
          if (all.length < 3) expect(sent).toEqual(rest);
          expect(vectorText(reached.versions)).toMatch(/^(dc1\.1@\d+)?,?(dc2\.1@\d+)?$/);
        }
        expect(all.at(-1)?.reached).toBeUndefined();
        expect(news(now, seenOf(0, now))).toEqual([]);
      }),
    );
  });

  it('are those of the newest cells, if there are more', () => {
    const now = vectorOf(['a', 'b', 'c', 'd'].map((key) => [key, 1] as const));
    expect(news(now, seenOf(0, {})).map(({ data }) => data)).toMatchObject([
      { key: 'b' },
      { key: 'c' },
      { key: 'd' },
    ]);
    expect(policy.count(policy.view(now), seenOf(0, {}))).toBe(3);
  });

  it('name the member of the key, whose streams are not sent them', () => {
    const [event] = news(vectorOf([['a', 1]]), seenOf(0, {}));
    expect(event).toMatchObject({ event: 'number', exceptMember: 'a' });
  });
});

it('a value is found by its key, with its place', () => {
  const view = policy.view(vectorOf([['a', 1]], [['a', 2]]));
  expect(policy.cell?.(view, 'a')).toEqual({ value: 2, place: 'dc2.1@0' });
  expect(policy.cell?.(view, 'b')).toBeUndefined();
});
