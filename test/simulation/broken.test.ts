import { BROKEN, BROKEN_BETWEEN } from './broken';
import { simulate } from './simulate';
import type { BrokenParts } from './site';

const TEST_MS = 240_000;

/** A broken mechanism is to be found within so many seeds. */
const MAX_SEEDS_TO_FIND = 40;

/** Where the search begins for what is seldom needed. */
const FIRST_SEEDS = new Map([['telling again what was stored late', 205]]);

const ofOne = Object.entries(BROKEN).map(([name, broken]) => ({ name, broken, datacenters: 1 }));
const ofSeveral = Object.entries(BROKEN_BETWEEN).map(([name, broken]) => ({
  ...{ name, broken, datacenters: 3 },
}));

describe('the simulation finds what is taken out', () => {
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
