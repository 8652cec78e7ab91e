import fc from 'fast-check';
import '../fixtures/same-runs';
import type { History, HistoryRange, HistoryRow } from '../../adapters/history';
import { freshChannel, freshId, type Time } from './time';

export interface HistoryFixture {
  /** The histories of an event type, by its name. */
  readonly historyOf: (type: string) => History;
  readonly time: Time;
  /** How many random ranges are read. */
  readonly runs: number;
  readonly close: () => Promise<void>;
}

const ORIGIN = 'dc1.1';

/** More than two buckets of any part. */
const MANY = 2_345;

/** Row `number` of a history; offsets have gaps. */
function rowOf(number: number): HistoryRow {
  const isDeletion = number % 7 === 0;
  return { offset: offsetOf(number), number, id: `id-${number % 97}`, isDeletion };
}

function offsetOf(number: number): number {
  return number * 3 - 3 + (number % 2);
}

function rowsOf(first: number, last: number): HistoryRow[] {
  return Array.from({ length: last - first + 1 }, (_, at) => rowOf(first + at));
}

/** The rows of a range, as `oldest` returns them. */
function expectedOf(rows: readonly HistoryRow[], range: Partial<HistoryRange>): HistoryRow[] {
  const { after = -1, before = Number.POSITIVE_INFINITY } = range;
  return rows.filter(({ offset }) => offset > after && offset < before);
}

type Bounds = Pick<HistoryRange, 'after' | 'before' | 'limit'>;
type Reading = ReturnType<typeof readingOf>;

function readingOf({ historyOf, time }: HistoryFixture, type: string) {
  const history = historyOf(type);
  const of = (channel: string, origin = ORIGIN) => ({
    write: (...rows: HistoryRow[]) => time.finish(history.write(channel, origin, rows)),
    oldest: (bounds: Bounds) => time.finish(history.oldest({ channel, origin, ...bounds })),
    newest: (bounds: Bounds) => time.finish(history.newest({ channel, origin, ...bounds })),
  });
  return { of };
}

/** The contract of every history. */
export function describeHistoryContract(name: string, open: () => Promise<HistoryFixture>): void {
  describe(`the history: ${name}`, () => {
    let fixture: HistoryFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    const use = (): Reading => readingOf(fixture, 'notes');
    describeRanges(use, () => fixture);
    describeWrites(use);
    describeNames(use, () => fixture);
  });
}

function describeRanges(use: () => Reading, fixture: () => HistoryFixture): void {
  const channel = freshChannel();
  const all = rowsOf(1, MANY);

  beforeAll(() =>
    use()
      .of(channel)
      .write(...all),
  );

  it.each([
    ['the whole', {}],
    ['the end of a bucket', { after: offsetOf(998), before: offsetOf(1_003) }],
    ['exactly one bucket', { after: offsetOf(1_000), before: offsetOf(2_001) }],
    ['after the last of a bucket', { after: offsetOf(1_000) }],
    ['after the first of a bucket', { after: offsetOf(1_001) }],
    ['before the first of a bucket', { before: offsetOf(1_001) }],
    ['between two rows', { after: offsetOf(500), before: offsetOf(501) }],
    ['one row', { after: offsetOf(500), before: offsetOf(502) }],
    ['after the newest', { after: offsetOf(MANY) }],
    ['before the oldest', { before: offsetOf(1) }],
    ['offsets that no row has', { after: offsetOf(500) + 1, before: offsetOf(502) + 1 }],
    ['bounds in the wrong order', { after: offsetOf(9), before: offsetOf(2) }],
  ])('reads a range from both ends: %s', async (_, range) => {
    const { newest, oldest } = use().of(channel);
    const expected = expectedOf(all, range);
    for (const limit of [1, 3, 100, MANY + 1]) {
      expect(await oldest({ ...range, limit })).toEqual(expected.slice(0, limit));
      expect(await newest({ ...range, limit })).toEqual([...expected].reverse().slice(0, limit));
    }
  });

  it('reads any range', async () => {
    const { newest, oldest } = use().of(channel);
    const bound = fc.option(fc.nat(offsetOf(MANY + 10)), { nil: undefined });
    const ranges = fc.record({
      after: bound,
      before: bound,
      limit: fc.integer({ min: 1, max: 150 }),
    });
    const run = async (range: Bounds) => {
      const expected = expectedOf(all, range);
      expect(await oldest(range)).toEqual(expected.slice(0, range.limit));
      expect(await newest(range)).toEqual([...expected].reverse().slice(0, range.limit));
    };
    await fc.assert(fc.asyncProperty(ranges, run), { numRuns: fixture().runs });
  });
}

function describeWrites(use: () => Reading): void {
  const limit = 5_000;

  it('has nothing before the first write, and accepts a write of nothing', async () => {
    const { newest, oldest, write } = use().of(freshChannel());
    await write();
    expect([await oldest({ limit }), await newest({ limit })]).toEqual([[], []]);
  });

  it('has each row once, however often and in what parts it is written', async () => {
    const { newest, oldest, write } = use().of(freshChannel());
    const all = rowsOf(1, 1_005);
    await write(...rowsOf(1, 600));
    await write(...rowsOf(400, 1_001));
    await write(...rowsOf(1_000, 1_005));
    await write(...rowsOf(990, 1_005));
    expect(await oldest({ limit })).toEqual(all);
    expect(await newest({ limit })).toEqual([...all].reverse());
  });

  it('accepts offset 0, and offsets up to the greatest integer that is safe', async () => {
    const { newest, oldest, write } = use().of(freshChannel());
    const first = { ...rowOf(1), offset: 0 };
    const last = { ...rowOf(2), offset: Number.MAX_SAFE_INTEGER - 1 };
    await write(first, last);
    expect(await oldest({ limit })).toEqual([first, last]);
    expect(await newest({ after: 0, limit })).toEqual([last]);
    expect(await oldest({ after: last.offset, limit })).toEqual([]);
    expect(await newest({ before: last.offset, limit })).toEqual([first]);
  });

  it('shows the rows that are there while others are not written yet', async () => {
    const { newest, oldest, write } = use().of(freshChannel());
    await write(...rowsOf(1, 1_000));
    await write(rowOf(1_001));
    await write(...rowsOf(1_003, 1_004));
    expect((await oldest({ after: offsetOf(999), limit: 2 })).map(({ number }) => number)).toEqual([
      1_000, 1_001,
    ]);
    const last = await newest({ limit: 4 });
    expect(last.map(({ number }) => number)).toEqual([1_004, 1_003, 1_001, 1_000]);
  });
}

function describeNames(use: () => Reading, fixture: () => HistoryFixture): void {
  it('keeps channels, origins and event types apart', async () => {
    const channel = freshChannel();
    const other = `other-${freshId().slice(-4)}`;
    const all = [
      use().of(channel),
      use().of(`${channel}1`),
      use().of(channel, 'dc1.10'),
      use().of(channel, 'dc2.1'),
      readingOf(fixture(), other).of(channel),
      readingOf(fixture(), `${other}-1`).of(channel),
    ];
    for (const [at, each] of all.entries()) await each.write({ ...rowOf(1), id: `of-${at}` });
    for (const [at, each] of all.entries()) {
      const expected = [{ ...rowOf(1), id: `of-${at}` }];
      expect(await each.oldest({ limit: 9 })).toEqual(expected);
      expect(await each.newest({ limit: 9 })).toEqual(expected);
    }
  });
}
