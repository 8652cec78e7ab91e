import { replayLine } from '../../tools/simulate/options';
import { range } from '../end-to-end/api';
import { ALL_FAULTS, type FaultKind } from './fault-kinds';
import { runSeeds } from './run-seeds';
import { simulate } from './simulate';

/** Seeds by number of datacenters; as many of each where `SEEDS` says so. */
const SEEDS = new Map([
  [1, Number(process.env.SEEDS ?? 12)],
  [2, Number(process.env.SEEDS ?? 3)],
  [3, Number(process.env.SEEDS ?? 1)],
]);
const SEEDS_A_TEST = 60;
const TEST_MS = 900_000;

const CLOCK_SEEDS = 4;
const KIND_SEEDS = 1;
const RESUME_SEEDS = 2;

/** The faults that need two datacenters. */
const BETWEEN = new Set<FaultKind>(['links', 'stores', 'feed']);

const runs = [...SEEDS].flatMap(([datacenters, seeds]) =>
  range(Math.ceil(seeds / SEEDS_A_TEST)).map((at) => {
    const first = at * SEEDS_A_TEST + 1;
    return { datacenters, first, last: Math.min(first + SEEDS_A_TEST - 1, seeds) };
  }),
);

describe('the promise holds under faults of every kind', () => {
  test.each(runs)(
    'in $datacenters datacenters, seeds $first to $last',
    ({ datacenters, first, last }) => expectKept(first, last, [...ALL_FAULTS], datacenters),
    TEST_MS,
  );
});

test(
  'the promise holds within 5 s after clocks have stepped',
  () => expectKept(1, CLOCK_SEEDS, ['clocks', 'log-clock', 'future', 'pairs']),
  TEST_MS,
);

test.each([...ALL_FAULTS])(
  'the promise holds with only faults of the kind %s',
  (kind) => expectKept(1, KIND_SEEDS, [kind], BETWEEN.has(kind) ? 2 : 1),
  TEST_MS,
);

test(
  'viewers that are cut or leave a channel resume each feed without a snapshot',
  async () => {
    for (const datacenters of [1, 2]) {
      for (let seed = 1; seed <= RESUME_SEEDS; seed++) {
        const faults = new Set<FaultKind>(['viewers']);
        const { repeatedSnapshots } = await simulate(seed, { faults, datacenters });
        expect({ datacenters, seed, repeatedSnapshots }).toMatchObject({ repeatedSnapshots: 0 });
      }
    }
  },
  TEST_MS,
);

test.each([1, 3])(
  'one seed is one run, to the byte, in %i datacenters',
  async (datacenters) => {
    const one = await simulate(7, { datacenters, isTraced: true });
    const other = await simulate(7, { datacenters, isTraced: true });
    expect(one.trace).toMatch(/^[0-9a-f]{64}$/);
    expect(other).toEqual(one);
    const next = await simulate(8, { datacenters, isTraced: true });
    expect(next.digest).not.toBe(one.digest);
    expect(next.trace).not.toBe(one.trace);
  },
  TEST_MS,
);

test(
  'kinds of faults that are off do not strike',
  async () => {
    const quiet = await simulate(7, { faults: new Set() });
    const late = await simulate(7, { faults: new Set(['late']) });
    expect(late.digest).not.toBe(quiet.digest);
  },
  TEST_MS,
);

async function expectKept(
  first: number,
  last: number,
  kinds: readonly FaultKind[],
  datacenters = 1,
): Promise<void> {
  const runs = { datacenters, faults: new Set(kinds) };
  const broken: { replay: string; violations: readonly string[] }[] = [];
  await runSeeds(runs, first, last, ({ seed, violations }) => {
    if (violations.length > 0) broken.push({ replay: replayLine(seed, runs), violations });
    return 'go on';
  });
  expect(broken).toEqual([]);
}
