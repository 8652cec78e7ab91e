import { range } from '../end-to-end/api';
import { BROKEN, BROKEN_BETWEEN } from './broken';
import { simulate } from './simulate';
import type { BrokenParts } from './site';

/** Seeds by number of datacenters; as many of each where `SEEDS` says so. */
const SEEDS = new Map([
  [1, Number(process.env.SEEDS ?? 500)],
  [2, Number(process.env.SEEDS ?? 150)],
  [3, Number(process.env.SEEDS ?? 60)],
]);
const SEEDS_A_TEST = 60;
const TEST_MS = 240_000;

/** A broken mechanism is to be found within so many seeds. */
const MAX_SEEDS_TO_FIND = 20;

/** Where the search begins for what is seldom needed. */
const FIRST_SEEDS = new Map([['telling again what was stored late', 205]]);

const runs = [...SEEDS].flatMap(([datacenters, seeds]) =>
  range(Math.ceil(seeds / SEEDS_A_TEST)).map((at) => {
    const first = at * SEEDS_A_TEST + 1;
    return { datacenters, first, last: Math.min(first + SEEDS_A_TEST - 1, seeds) };
  }),
);

describe('the promise holds under faults of every kind', () => {
  test.each(runs)(
    'in $datacenters datacenters, seeds $first to $last',
    async ({ datacenters, first, last }) => {
      for (let seed = first; seed <= last; seed++) {
        const { violations } = await simulate(seed, { datacenters });
        const replay = `npm run simulate -- --seed ${seed} --datacenters ${datacenters}`;
        expect({ replay, violations }).toEqual({ replay, violations: [] });
      }
    },
    TEST_MS,
  );
});

test.each([1, 3])('one seed is one run, to the byte, in %i datacenters', async (datacenters) => {
  const one = await simulate(7, { datacenters });
  const other = await simulate(7, { datacenters });
  expect(other).toEqual(one);
  expect((await simulate(8, { datacenters })).digest).not.toBe(one.digest);
});

describe('the simulation finds what is taken out', () => {
  const ofOne = Object.entries(BROKEN).map(([name, broken]) => ({ name, broken, datacenters: 1 }));
  const ofSeveral = Object.entries(BROKEN_BETWEEN).map(([name, broken]) => ({
    ...{ name, broken, datacenters: 3 },
  }));
  test.each([...ofOne, ...ofSeveral])(
    '$name',
    async ({ broken, datacenters, name }) => {
      expect(await isFound(broken, datacenters, FIRST_SEEDS.get(name) ?? 1)).toBe(true);
    },
    TEST_MS,
  );
});

async function isFound(broken: BrokenParts, datacenters: number, first: number): Promise<boolean> {
  for (let seed = first; seed < first + MAX_SEEDS_TO_FIND; seed++) {
    if ((await simulate(seed, { broken, datacenters })).violations.length > 0) return true;
  }
  return false;
}
