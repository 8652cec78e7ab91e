import { BROKEN } from './broken';
import { simulate } from './simulate';
import type { BrokenParts } from './world';

const SEEDS = Number(process.env.SEEDS ?? 1_000);
const SEEDS_A_TEST = 250;
const TEST_MS = 180_000;

/** A broken mechanism is to be found within so many seeds. */
const MAX_SEEDS_TO_FIND = 20;

describe('the promise holds under faults of every kind', () => {
  const firsts = Array.from(
    { length: Math.ceil(SEEDS / SEEDS_A_TEST) },
    (_, at) => at * SEEDS_A_TEST,
  );

  test.each(firsts)(
    'from seed %i on',
    async (first) => {
      for (let seed = first + 1; seed <= Math.min(first + SEEDS_A_TEST, SEEDS); seed++) {
        const { violations } = await simulate(seed);
        expect({ replay: `npm run simulate -- --seed ${seed}`, violations }).toEqual({
          replay: expect.any(String),
          violations: [],
        });
      }
    },
    TEST_MS,
  );
});

test('one seed is one run, to the byte', async () => {
  const one = await simulate(7);
  const other = await simulate(7);
  expect(other).toEqual(one);
  expect((await simulate(8)).digest).not.toBe(one.digest);
});

describe('the simulation finds what is taken out', () => {
  test.each(Object.entries(BROKEN))('%s', async (_, broken) => {
    const found = await seedsToFind(broken);
    expect(found).toBeLessThanOrEqual(MAX_SEEDS_TO_FIND);
  });
});

async function seedsToFind(broken: BrokenParts): Promise<number> {
  for (let seed = 1; seed <= MAX_SEEDS_TO_FIND; seed++) {
    if ((await simulate(seed, broken)).violations.length > 0) return seed;
  }
  return Number.POSITIVE_INFINITY;
}
