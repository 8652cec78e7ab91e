import fc from 'fast-check';
import '../fixtures/same-runs';
import type { Database, Range, Value } from '../../adapters/embedded/database';
import { freshId, type Time } from './time';

export interface DatabaseFixture {
  readonly database: Database;
  readonly time: Time;
  /** Closes it and opens it again on the same disk. */
  readonly reopen: () => Promise<Database>;
  readonly close: () => Promise<void>;
}

const KEY_CHARACTERS = [...'0189AZaz_.-~/'];
const keys = fc.string({ unit: fc.constantFrom(...KEY_CHARACTERS), minLength: 1, maxLength: 8 });

// The end of a range is an existing key, by its number, as often as any other text.
const ends = fc.oneof(keys, fc.nat({ max: 11 }));
const ranges = fc.record({
  from: ends,
  to: ends,
  limit: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  reverse: fc.boolean(),
});

/** The contract of every embedded database. */
export function describeDatabaseContract(name: string, open: () => Promise<DatabaseFixture>): void {
  describe(`the database: ${name}`, () => {
    let fixture: DatabaseFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    describeValues(() => fixture);
    describeWrites(() => fixture);
    describeRanges(() => fixture);
  });
}

function describeValues(fixture: () => DatabaseFixture): void {
  it('returns a written value', async () => {
    const { database, time } = fixture();
    const values: Value[] = [
      Buffer.from([0, 255, 10]),
      'text',
      '',
      0,
      -1.5,
      2 ** 53 - 1,
      true,
      false,
      [1, [2]],
      { a: { b: 1 } },
    ];
    const changes = values.map((value, at) => ({ key: `value/${at}`, value }));
    await time.finish(database.write([...changes, { key: 'é', value: 'héllo 👋' }]));
    for (const { key, value } of changes) expect(database.get(key)).toEqual(value);
    expect(database.get('é')).toBe('héllo 👋');
    expect(database.get('none')).toBeUndefined();
  });

  it('returns the value that was written last', async () => {
    const { database, time } = fixture();
    const first = database.write([{ key: 'a', value: 1 }]);
    const second = database.write([{ key: 'a', value: 2 }]);
    await time.finish(Promise.all([first, second]));
    expect(database.get('a')).toBe(2);
  });

  it('removes a key without a value, whether it exists or not', async () => {
    const { database, time } = fixture();
    await time.finish(database.write([{ key: 'a', value: 1 }]));
    await time.finish(database.write([{ key: 'a' }, { key: 'never' }]));
    expect(database.get('a')).toBeUndefined();
    expect([...database.range({ from: '!', to: '~' })]).toEqual([]);
  });

  it('still has a value after it was closed and opened again', async () => {
    const { database, reopen, time } = fixture();
    await time.finish(database.write([{ key: 'a', value: { n: 1 } }]));
    expect((await reopen()).get('a')).toEqual({ n: 1 });
  });
}

function describeWrites(fixture: () => DatabaseFixture): void {
  it('shows a write once it has resolved, and not before it began', async () => {
    const { database, time } = fixture();
    const write = database.write([{ key: 'a', value: 1 }]);
    expect(database.get('a')).toBeUndefined();
    await time.finish(write);
    expect(database.get('a')).toBe(1);
  });

  it('shows all changes of a write or none', async () => {
    const { database, time } = fixture();
    const seen = new Set<string>();
    const look = () => seen.add(`${database.get('a')},${database.get('b')}`);
    let isOver = false;
    const written = database
      .write([
        { key: 'a', value: 1 },
        { key: 'b', value: 1 },
      ])
      .then(() => {
        isOver = true;
      });
    while (!isOver) {
      look();
      await time.pass(1);
    }
    await written;
    look();
    expect([...seen].filter((both) => both !== 'undefined,undefined')).toEqual(['1,1']);
  });

  it('keeps a value if `replaces` returns false; calls it only for existing keys', async () => {
    const { database, time } = fixture();
    const asked: Value[] = [];
    const change = (value: number) => ({
      key: 'a',
      value,
      replaces: (current: Value) => {
        asked.push(current);
        return value > Number(current);
      },
    });
    await time.finish(database.write([change(5)]));
    await time.finish(database.write([change(3), { key: 'b', value: 'beside' }]));
    expect([database.get('a'), database.get('b')]).toEqual([5, 'beside']);
    await time.finish(database.write([change(7)]));
    expect([database.get('a'), asked]).toEqual([7, [5, 5]]);
  });

  it('calls `replaces` with the value of the writes before', async () => {
    const { database, time } = fixture();
    const keep = { replaces: () => false };
    const writes = [1, 2, 3].map((value) => database.write([{ key: 'a', value, ...keep }]));
    await time.finish(Promise.all(writes));
    expect(database.get('a')).toBe(1);
  });

  it('accepts many writes at once', async () => {
    const { database, time } = fixture();
    const many = Array.from({ length: 300 }, (_, at) => `many/${String(at).padStart(3, '0')}`);
    await time.finish(Promise.all(many.map((key) => database.write([{ key, value: 1 }]))));
    expect([...database.range({ from: 'many/', to: 'many0' })].map(({ key }) => key)).toEqual(many);
  });
}

function describeRanges(fixture: () => DatabaseFixture): void {
  it('lists the keys of a range in order, up to a limit, from either end', async () => {
    const { database, time } = fixture();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(keys, { minLength: 1, maxLength: 12 }),
        fc.array(ranges, { maxLength: 8 }),
        async (present, asked) => {
          const folder = `${freshId()}/`;
          const changes = present.map((key) => ({ key: folder + key, value: key }));
          await time.finish(database.write(changes));
          for (const { from, to, ...how } of asked) {
            const range = { ...how, from: endOf(present, from), to: endOf(present, to) };
            const within = { ...range, from: folder + range.from, to: folder + range.to };
            const found = [...database.range(within)].map(({ value }) => value);
            expect(found).toEqual(expectedOf(present, range));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('returns keys and values', async () => {
    const { database, time } = fixture();
    await time.finish(database.write([{ key: 'log/1/5', value: { n: 5 } }]));
    const range = { from: 'log/1/', to: 'log/1/~' };
    expect([...database.range(range)]).toEqual([{ key: 'log/1/5', value: { n: 5 } }]);
  });

  it('distinguishes keys with a common beginning', async () => {
    const { database, time } = fixture();
    const present = ['s/video:a/dc1', 's/video:a-b/dc1', 's/video:ab/dc1', 's/video:a.b/dc1'];
    await time.finish(database.write(present.map((key) => ({ key, value: 1 }))));
    const found = [...database.range({ from: 's/video:a/', to: 's/video:a0' })];
    expect(found.map(({ key }) => key)).toEqual(['s/video:a/dc1']);
  });
}

function expectedOf(present: readonly string[], { from, to, limit, reverse }: Range): string[] {
  const inside = present.filter((key) => key >= from && key < to).sort();
  if (reverse) inside.reverse();
  return inside.slice(0, limit);
}

function endOf(present: readonly string[], end: string | number): string {
  return typeof end === 'string' ? end : (present[end % present.length] ?? '');
}
