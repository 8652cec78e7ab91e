import type { Cooldowns } from '../../adapters/cooldowns';
import { freshId, type Time } from './time';

export interface CooldownsFixture {
  /** The parts of two processes; the same one if only one process can have it. */
  readonly parts: readonly [Cooldowns, Cooldowns];
  readonly time: Time;
  readonly close: () => Promise<void>;
}

const BOTH = [0, 1] as const;

/** Longer than a test. */
const LONG_MS = 3_600_000;

/** The contract of all cooldowns. */
export function describeCooldownsContract(
  name: string,
  open: () => Promise<CooldownsFixture>,
): void {
  describe(`cooldowns: ${name}`, () => {
    let fixture: CooldownsFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    const begin = (at: 0 | 1, of: string, holder: string, ms = LONG_MS) =>
      fixture.parts[at].begin({ name: of, holder }, ms);
    const end = (at: 0 | 1, of: string, holder: string) =>
      fixture.parts[at].end({ name: of, holder });

    it('another holder is told how long it must wait, at each process', async () => {
      const of = freshId();
      expect(await begin(0, of, 'a')).toBe(0);
      for (const at of BOTH) {
        const left = await begin(at, of, 'b');
        expect(left).toBeGreaterThan(LONG_MS - 60_000);
        expect(left).toBeLessThanOrEqual(LONG_MS);
      }
    });

    it('the same holder may repeat its request, which begins no new time', async () => {
      const { time } = fixture;
      const of = freshId();
      await begin(0, of, 'a', 10_000);
      await time.pass(200);
      expect(await begin(1, of, 'a', 10_000)).toBe(0);
      const left = await begin(0, of, 'b');
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(9_800);
    });

    it('names do not hinder each other', async () => {
      const of = `likes/video:a/${freshId()}`;
      const all = [of, `${of}1`, of.toUpperCase(), `${of}:{1}`];
      for (const each of all) expect(await begin(0, each, 'a')).toBe(0);
    });

    it('ends with its time', async () => {
      const of = freshId();
      await begin(0, of, 'a', 1_000);
      expect(await begin(1, of, 'b', 1_000)).toBeGreaterThan(0);
      await fixture.time.pass(1_100);
      expect(await begin(1, of, 'b')).toBe(0);
      expect(await begin(0, of, 'a')).toBeGreaterThan(0);
    });

    it('ends at once for its holder, and for no other', async () => {
      const of = freshId();
      await begin(0, of, 'a');
      await end(1, of, 'b');
      expect(await begin(1, of, 'b')).toBeGreaterThan(0);
      await end(1, of, 'a');
      expect(await begin(1, of, 'b')).toBe(0);
      await end(0, freshId(), 'a');
    });

    it('one of many requests at the same time begins it', async () => {
      const of = freshId();
      const asked = Array.from({ length: 40 }, (_, each) => {
        return begin(each % 2 === 0 ? 0 : 1, of, `holder-${each}`);
      });
      const left = await Promise.all(asked);
      expect(left.filter((ms) => ms === 0)).toHaveLength(1);
    });
  });
}
