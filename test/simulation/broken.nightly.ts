// The simulation without one mechanism each. It takes many minutes, so `npm test` leaves it out and
// .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/simulation/broken.nightly.ts'

import type { Runs } from '../../tools/simulate/options';
import { BROKEN } from './broken';
import { BROKEN_BETWEEN } from './broken-between';
import { ALL_FAULTS, faultsIn } from './fault-kinds';
import { runSeeds } from './run-seeds';

const TEST_MS = 240_000;

/** The simulation must find a missing mechanism within this number of seeds. */
const MAX_SEEDS_TO_FIND = 80;

/** Needed in so few histories that only unit tests find them: dispatchers, producers, contract. */
const SELDOM = [
  'waiting for a late row of a history',
  'deletions of entries that are not stored yet',
  'republishing entries that were stored late',
  'the look-up of deleted entries',
  'waiting until a stored copy is read',
];

/** The faults that find it in few seeds; with all faults it would take many. */
const FAULTS = new Map([
  ['the look-up of records that are behind', faultsIn('log-clock,future')],
  ['the check of positions', faultsIn('tail')],
  ['comparing replayed entries of a peer', faultsIn('feed')],
  ['the check of saved versions', faultsIn('tail')],
  ["the owners' states after Redis is ready", faultsIn('redis-promoted')],
  ['the repetition of held reports', faultsIn('orphan')],
  ['the refusal of dead workers', faultsIn('halt')],
  ['the versions that workers have seen', faultsIn('redis')],
  ['the wait after Redis began anew', faultsIn('redis,viewers')],
  ['the withdrawal that waits for its publication', faultsIn('unpublished')],
  ['the age of moments of a new sender', faultsIn('kill')],
]);

const ofOne = Object.keys(BROKEN)
  .filter((name) => !SELDOM.includes(name))
  .map((name) => ({ name, datacenters: 1 }));
const ofSeveral = Object.keys(BROKEN_BETWEEN)
  .filter((name) => !SELDOM.includes(name))
  .map((name) => ({ name, datacenters: 2 }));

describe('the simulation finds a missing mechanism:', () => {
  test.each([...ofOne, ...ofSeveral])(
    '$name',
    async ({ datacenters, name }) => {
      const faults = FAULTS.get(name) ?? ALL_FAULTS;
      expect(await isFound({ datacenters, faults, without: name })).toBe(true);
    },
    TEST_MS,
  );
});

async function isFound(runs: Runs): Promise<boolean> {
  let found = false;
  await runSeeds(runs, 1, MAX_SEEDS_TO_FIND, ({ violations }) => {
    found ||= violations.length > 0;
    return found ? 'stop' : 'go on';
  });
  return found;
}
