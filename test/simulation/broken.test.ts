import { BROKEN } from './broken';
import { BROKEN_BETWEEN } from './broken-between';
import { faultsIn } from './fault-kinds';
import { type Scenario, simulate } from './simulate';

const TEST_MS = 240_000;

/** The simulation must find a missing mechanism within this number of seeds. */
const MAX_SEEDS_TO_FIND = 80;

/** Needed in so few histories that only unit tests find them (test/dispatchers). */
const SELDOM = [
  'republishing entries that were stored late',
  'waiting until a stored copy is read',
];

/** The faults that find it in few seeds; with all faults it would take many. */
const FAULTS = new Map([
  ['the look-up of records that are behind', faultsIn('log-clock,future')],
  ['the check of positions', faultsIn('tail')],
  ['comparing replayed entries of a peer', faultsIn('feed')],
  ['the check of saved versions', faultsIn('tail')],
  ["the owners' states after Redis is ready", faultsIn('redis-promoted')],
]);

const ofOne = Object.entries(BROKEN).map(([name, broken]) => ({ name, broken, datacenters: 1 }));
const ofSeveral = Object.entries(BROKEN_BETWEEN)
  .filter(([name]) => !SELDOM.includes(name))
  .map(([name, broken]) => ({ name, broken, datacenters: 2 }));

describe('the simulation finds a missing mechanism:', () => {
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
