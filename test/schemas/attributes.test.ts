import {
  type AttributeBody,
  attributes,
  MAX_LIVE_BYTES,
  MAX_LIVE_NAMES,
  MAX_LOG_BYTES,
  MAX_LOG_NAMES,
  MAX_NAMES,
  MAX_VALUE_BYTES,
} from '../../schemas/attributes';
import { seenOf } from '../../schemas/place';
import type { Cells } from '../../schemas/policies/cells';
import type { Vector } from '../../schemas/state';

const { policy } = attributes;

type Put = readonly [name: string, value: unknown, stamp?: number];

function fold(puts: readonly Put[], from: Cells = policy.empty): Cells {
  return puts.reduce((before, [name, value, stamp = 0], offset) => {
    const entry = { id: 'x', memberId: 'backend', at: offset, body: { name, value, stamp } };
    return policy.fold(before, entry, offset);
  }, from);
}

function vectorOf(...logs: readonly (readonly Put[])[]): Vector<Cells> {
  const states = logs.map((puts, index) => {
    return [`dc${index + 1}.1`, { version: puts.length - 1, state: fold(puts) }] as const;
  });
  return Object.fromEntries(states);
}

const shown = (states: Vector<Cells>) => policy.snapshot(policy.view(states));

function admit(states: Vector<Cells>, name: string, value: unknown): AttributeBody {
  const admitted = policy.admit?.(states, { memberId: 'b', body: { name, value, stamp: 0 } });
  if (!admitted || !('body' in admitted)) throw new Error('not admitted');
  return admitted.body;
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

describe('attributes', () => {
  it('have the last value of each name in a log', () => {
    const puts: Put[] = [
      ['score', 1],
      ['title', 'Final'],
      ['score', { home: 2 }],
    ];
    expect(shown(vectorOf(puts))).toEqual({
      attributes: { score: { home: 2 }, title: 'Final' },
    });
  });

  it('of two datacenters: the one counts whose producer knew the other', () => {
    const first = vectorOf([
      ['score', 1],
      ['score', 2],
    ]);
    const { stamp } = admit(first, 'score', 3);
    expect(
      shown(
        vectorOf(
          [
            ['score', 1],
            ['score', 2],
          ],
          [['score', 3, stamp]],
        ),
      ),
    ).toEqual({
      attributes: { score: 3 },
    });
  });

  it('of two datacenters at once: that of the later name counts everywhere', () => {
    expect(shown(vectorOf([['score', 1]], [['score', 2]]))).toEqual({ attributes: { score: 2 } });
  });

  it('stay removed, also if an earlier value of another log arrives later', () => {
    const { stamp } = admit(vectorOf([], [['score', 1]]), 'score', null);
    const states = vectorOf([['score', null, stamp]], [['score', 1]]);
    expect(shown(states)).toEqual({ attributes: {} });
    expect(policy.cell?.(policy.view(states), 'score')).toBeUndefined();
  });

  it('are news by name; a removal is null', () => {
    const now = vectorOf([
      ['a', 1],
      ['b', 2],
      ['a', null],
    ]);
    const context = { oldestAt: 0, seen: '', channelId: '1', maxEntries: 50 };
    const news = policy.news(policy.view(now), seenOf(0, {}), context);
    expect(news.map(({ data, event, exceptMember }) => [event, data, exceptMember])).toEqual([
      ['attribute', { name: 'b', value: 2 }, undefined],
      ['attribute', { name: 'a', value: null }, undefined],
    ]);
  });

  it('can have names that objects inherit', () => {
    const states = vectorOf([
      ['__proto__', 1],
      ['constructor', { a: 2 }],
    ]);
    const text = '{"attributes":{"__proto__":1,"constructor":{"a":2}}}';
    expect(JSON.stringify(shown(states))).toBe(text);
  });
});

describe('the bounds of attributes', () => {
  it('are a value’s bytes', () => {
    const fits = 'x'.repeat(MAX_VALUE_BYTES - 2);
    expect(admit({}, 'a', fits).value).toBe(fits);
    expect(() => admit({}, 'a', `${fits}x`)).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    expect(() => admit({}, 'a', 'ü'.repeat(MAX_VALUE_BYTES / 2))).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
  });

  it('are the names that have a value; one of them can be replaced or removed', () => {
    const full = vectorOf(names(MAX_LIVE_NAMES).map((name) => [name, 1] as const));
    expect(() => admit(full, 'more', 1)).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(admit(full, 'n3', 2)).toMatchObject({ name: 'n3', value: 2 });
    expect(admit(full, 'n3', null)).toMatchObject({ name: 'n3', value: null });
    const freed = vectorOf([
      ...names(MAX_LIVE_NAMES).map((name) => [name, 1] as const),
      ['n3', null],
    ]);
    expect(admit(freed, 'more', 1).value).toBe(1);
  });

  it('are the bytes of all values', () => {
    const value = 'x'.repeat(4_000);
    const full = vectorOf(['a', 'b', 'c', 'd'].map((name) => [name, value] as const));
    expect(() => admit(full, 'e', value)).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(admit(full, 'd', value).value).toBe(value);
    expect(JSON.stringify(shown(full)).length).toBeLessThanOrEqual(MAX_LIVE_BYTES + 32);
  });

  it('are the names of all time', () => {
    const removed = vectorOf(names(MAX_NAMES).map((name) => [name, null] as const));
    expect(() => admit(removed, 'more', 1)).toThrow(
      expect.objectContaining({ code: 'too_many_names' }),
    );
    expect(admit(removed, 'n1', 1).value).toBe(1);
  });

  it('of one log are twice as wide, and its fold ignores what has no room', () => {
    const many = fold(names(MAX_LOG_NAMES + 1).map((name) => [name, null] as const));
    expect(many.cells).toHaveLength(MAX_LOG_NAMES);
    expect(many.cells.at(-1)?.key).toBe(`n${MAX_LOG_NAMES - 1}`);
    const value = 'x'.repeat(4_000);
    const large = fold(names(20).map((name) => [name, value] as const));
    expect(large.cells).toHaveLength(Math.floor(MAX_LOG_BYTES / 4_009));
  });
});

it('attributes are written by PUT, with the right to publish', () => {
  expect(attributes).toMatchObject({ call: 'put-by-name', right: 'publish', rows: 'none' });
});
