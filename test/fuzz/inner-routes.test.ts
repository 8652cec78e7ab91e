import '../fixtures/same-runs';
import { fuzzInnerRoutes } from './inner-routes';

const TEST_MS = 300_000;

test(
  'each inner route answers signed calls with hostile bodies as the contract says',
  async () => {
    const { counts } = await fuzzInnerRoutes({ inputs: 320, rounds: 1, seed: 7 });
    expect([...counts.keys()]).toEqual(
      expect.arrayContaining(['200', '400 invalid_body', '404 not_found']),
    );
  },
  TEST_MS,
);
