import type { RateLevels } from '../../adapters/rate-levels';
import { freshId, type Time } from './time';

export interface RateLevelsFixture {
  /** The parts of two processes; the same one if only one process can have it. */
  readonly parts: readonly [RateLevels, RateLevels];
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** So slow that nothing comes back during a test. */
const NEVER_PER_S = 0.001;

/** The contract of all levels of limits. */
export function describeRateLevelsContract(
  name: string,
  open: () => Promise<RateLevelsFixture>,
): void {
  describe(`rate levels: ${name}`, () => {
    let fixture: RateLevelsFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    const add = async (at: 0 | 1, key: string, used: number, perS = NEVER_PER_S) => {
      const [level = -1] = await fixture.parts[at].add([{ key, used, perS }]);
      return level;
    };

    it('sums up what all processes have added', async () => {
      const key = freshId();
      expect(await add(0, key, 5)).toBeCloseTo(5, 1);
      expect(await add(1, key, 7)).toBeCloseTo(12, 1);
      expect(await add(0, key, 0)).toBeCloseTo(12, 1);
    });

    it('falls with time, and not below 0', async () => {
      const key = freshId();
      await add(0, key, 10, 5);
      await fixture.time.pass(1_000);
      const level = await add(1, key, 0, 5);
      expect(level).toBeLessThanOrEqual(5);
      expect(level).toBeGreaterThanOrEqual(0);
      await fixture.time.pass(2_100);
      expect(await add(0, key, 3, 5)).toBeCloseTo(3, 1);
    });

    it('answers many keys in their order', async () => {
      const of = freshId();
      const uses = Array.from({ length: 1_000 }, (_, at) => {
        return { key: `${of}/${at}`, used: at + 1, perS: NEVER_PER_S };
      });
      for (const part of fixture.parts) await part.add(uses);
      const levels = await fixture.parts[0].add(uses.map((use) => ({ ...use, used: 0 })));
      const sums = uses.map(({ used }) => used * fixture.parts.length);
      expect(levels.map(Math.round)).toEqual(sums);
    });

    it('keys do not share a level', async () => {
      const of = freshId();
      for (const key of [of, `${of}1`, of.toUpperCase(), `${of}:{1}`, `likes/@::/64 ${of}`]) {
        expect(await add(0, key, 1)).toBeCloseTo(1, 1);
      }
    });

    it('of no uses there are no levels', async () => {
      expect(await fixture.parts[0].add([])).toEqual([]);
    });
  });
}
