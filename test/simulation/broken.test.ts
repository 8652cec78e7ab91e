import { BROKEN, BROKEN_BETWEEN } from './broken';
import { faultsIn } from './fault-kinds';
import { type Scenario, simulate } from './simulate';

const TEST_MS = 240_000;

/** A broken mechanism is to be found within so many seeds. */
const MAX_SEEDS_TO_FIND = 40;

/** Needed in so few histories that its unit test alone shows it (`partition-doubles.test.ts`). */
const SELDOM = 'telling again what was stored late';

/** The faults that show it soonest, where all together take many seeds. */
const FAULTS = new Map([
  ['looking records up that are behind', faultsIn('log-clock,future')],
  ['the check of positions', faultsIn('tail')],
]);

const ofOne = Object.entries(BROKEN).map(([name, broken]) => ({ name, broken, datacenters: 1 }));
const ofSeveral = Object.entries(BROKEN_BETWEEN)
  .filter(([name]) => name !== SELDOM)
  .map(([name, broken]) => ({ name, broken, datacenters: 3 }));

describe('the simulation finds what is taken out', () => {
  test.each([...ofOne, ...ofSeveral])(
    '$name',
    async ({ broken, datacenters, name }) => {
      const scenario = { broken, datacenters, faults: FAULTS.get(name) };
      expect(await isFound(scenario)).toBe(true);
    },
    TEST_MS,
  );
});

async function isFound(scenario: Scenario): Promise<boolean> {
  for (let seed = 1; seed <= MAX_SEEDS_TO_FIND; seed++) {
    if ((await simulate(seed, scenario)).violations.length > 0) return true;
  }
  return false;
}
