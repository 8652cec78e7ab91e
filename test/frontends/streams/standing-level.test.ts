import fc from 'fast-check';
import '../../fixtures/same-runs';
import { StandingLevel } from '../../../frontends/streams/standing-level';

const STANDS_MS = 1_000;

/** The greatest level of which the number was not below for `STANDS_MS`, by all its values. */
function expected(values: readonly { level: number; at: number }[], end: number): number {
  let greatest = 0;
  for (const { level } of values) {
    let since: number | undefined;
    for (const [index, value] of values.entries()) {
      if (value.level < level) since = undefined;
      else since ??= value.at;
      const until = values[index + 1]?.at ?? end;
      if (since !== undefined && until - since >= STANDS_MS) greatest = Math.max(greatest, level);
    }
  }
  return greatest;
}

describe('a level', () => {
  it('has stood after its time, and not before', () => {
    const level = new StandingLevel(STANDS_MS);
    level.observe(5, 100);
    expect([level.stood, level.nextAt]).toEqual([0, 1_100]);
    level.advance(1_099);
    expect(level.stood).toBe(0);
    level.advance(1_100);
    expect([level.stood, level.nextAt]).toEqual([5, undefined]);
  });

  it('that was reached for a moment has not stood', () => {
    const level = new StandingLevel(STANDS_MS);
    level.observe(5, 0);
    level.observe(9, 500);
    level.observe(6, 900);
    level.advance(1_500);
    expect([level.stood, level.nextAt]).toEqual([6, undefined]);
  });

  it('is the greatest one that the number did not go below, after any changes', () => {
    const changes = fc.array(
      fc.record({ level: fc.nat({ max: 12 }), ms: fc.integer({ min: 1, max: 700 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(changes, (all) => {
        const level = new StandingLevel(STANDS_MS);
        const values: { level: number; at: number }[] = [];
        let at = 0;
        for (const change of all) {
          values.push({ level: change.level, at });
          level.observe(change.level, at);
          at += change.ms;
          level.advance(at);
          expect(level.stood).toBe(expected(values, at));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is never too great if more levels come than are followed', () => {
    const level = new StandingLevel(STANDS_MS);
    for (let at = 0; at < 900; at++) level.observe(at + 1, at);
    level.advance(1_899);
    expect(level.stood).toBeLessThanOrEqual(900);
    expect(level.stood).toBeGreaterThanOrEqual(63);
    level.advance(1_900);
    expect(level.stood).toBe(900);
  });
});
