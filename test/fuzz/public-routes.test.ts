import '../fixtures/same-runs';
import { fuzzPublicRoutes } from './public-routes';

const TEST_MS = 300_000;

test(
  'each public route answers valid and hostile requests as the contract says',
  async () => {
    const { counts } = await fuzzPublicRoutes({ inputs: 1_200, rounds: 1, seed: 7 });
    const names = [...counts.keys()];
    // The inputs reach what they are for.
    for (const name of ['200', '201', '400 invalid_body', '400 invalid_id', '404 not_found']) {
      expect(names).toContain(name);
    }
  },
  TEST_MS,
);
