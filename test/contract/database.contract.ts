import fc from 'fast-check';
import '../fixtures/same-runs';
import type { Database, Json, Range } from '../../adapters/embedded/database';
import { freshId, type Time } from './time';

export interface DatabasePart {
  readonly database: Database;
  readonly time: Time;
  /** Closes it and opens it again on the same disk. */
  readonly reopen: () => Promise<Database>;
  readonly close: () => Promise<void>;
}

const KEY_CHARACTERS = [...'0189AZaz_.-~/'];
const keys = fc.string({ unit: fc.constantFrom(...KEY_CHARACTERS), minLength: 1, maxLength: 8 });

// An end of a range is a key that is there, by its number, as often as any other text.
const ends = fc.oneof(keys, fc.nat({ max: 11 }));
const ranges = fc.record({
  from: ends,
  to: ends,
  limit: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  reverse: fc.boolean(),
});

/** What any embedded database has to do. */
export function describeDatabaseContract(name: string, open: () => Promise<DatabasePart>): void {
  describe(`the database: ${name}`, () => {
    let part: DatabasePart;
    beforeEach(async () => {
      part = await open();
    });
    afterEach(() => part.close());

    describeValues(() => part);
    describeWrites(() => part);
    describeRanges(() => part);
  });
}

function describeValues(part: () => DatabasePart): void {
  it('gives back what was written', async () => {
    const { database, time } = part();
    const values: Json[] = [
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

  it('gives what was written last', async () => {
    const { database, time } = part();
    const first = database.write([{ key: 'a', value: 1 }]);
    const second = database.write([{ key: 'a', value: 2 }]);
    await time.finish(Promise.all([first, second]));
    expect(database.get('a')).toBe(2);
  });

  it('removes a key that is given no value, there or not', async () => {
    const { database, time } = part();
    await time.finish(database.write([{ key: 'a', value: 1 }]));
    await time.finish(database.write([{ key: 'a' }, { key: 'never' }]));
    expect(database.get('a')).toBeUndefined();
    expect([...database.range({ from: '!', to: '~' })]).toEqual([]);
  });

  it('has it still after it was closed and opened again', async () => {
    const { database, reopen, time } = part();
    await time.finish(database.write([{ key: 'a', value: { n: 1 } }]));
    expect((await reopen()).get('a')).toEqual({ n: 1 });
  });
}

function describeWrites(part: () => DatabasePart): void {
  it('can be read as soon as a write has resolved, and not before it began', async () => {
    const { database, time } = part();
    const write = database.write([{ key: 'a', value: 1 }]);
    expect(database.get('a')).toBeUndefined();
    await time.finish(write);
    expect(database.get('a')).toBe(1);
  });

  it('shows all of a write or nothing of it', async () => {
    const { database, time } = part();
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

  it('leaves a key as it is where `replaces` says no, and asks only where it is there', async () => {
    const { database, time } = part();
    const asked: Json[] = [];
    const change = (value: number) => ({
      key: 'a',
      value,
      replaces: (current: Json) => {
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

  it('asks `replaces` with what the writes before it have made', async () => {
    const { database, time } = part();
    const keep = { replaces: () => false };
    const writes = [1, 2, 3].map((value) => database.write([{ key: 'a', value, ...keep }]));
    await time.finish(Promise.all(writes));
    expect(database.get('a')).toBe(1);
  });

  it('takes many writes at once, all of them', async () => {
    const { database, time } = part();
    const many = Array.from({ length: 300 }, (_, at) => `many/${String(at).padStart(3, '0')}`);
    await time.finish(Promise.all(many.map((key) => database.write([{ key, value: 1 }]))));
    expect([...database.range({ from: 'many/', to: 'many0' })].map(({ key }) => key)).toEqual(many);
  });
}

function describeRanges(part: () => DatabasePart): void {
  it('lists keys from the first to before the last, in order, up to a limit, from either end', async () => {
    const { database, time } = part();
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

  it('gives key and value', async () => {
    const { database, time } = part();
    await time.finish(database.write([{ key: 'log/1/5', value: { n: 5 } }]));
    const range = { from: 'log/1/', to: 'log/1/~' };
    expect([...database.range(range)]).toEqual([{ key: 'log/1/5', value: { n: 5 } }]);
  });

  it('tells keys apart that begin alike', async () => {
    const { database, time } = part();
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
