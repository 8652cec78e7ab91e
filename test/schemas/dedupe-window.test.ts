import fc from 'fast-check';
import '../fixtures/same-runs';
import { DedupeWindow } from '../../schemas/dedupe-window';

const WINDOW_MS = 120_000;
const NOW = 1_700_000_000_000;
const dedupe = new DedupeWindow(WINDOW_MS);
const times = (at: number, appendedAt = at) => ({ at, appendedAt });

describe('the log’s time', () => {
  it('is the greatest append time of the records that are not late', () => {
    let logTime = dedupe.logTime(undefined, times(NOW));
    expect(logTime).toBe(NOW);
    logTime = dedupe.logTime(logTime, times(NOW + 10));
    logTime = dedupe.logTime(logTime, times(NOW + 5));
    expect(logTime).toBe(NOW + 10);
  });

  it.each([
    ['a producer’s clock', times(NOW + 5 * WINDOW_MS, NOW)],
    ['the log’s clock', times(NOW, NOW + 5 * WINDOW_MS)],
  ])('does not follow %s if only that clock is wrong', (_, wrong) => {
    expect(dedupe.logTime(NOW, wrong)).toBe(NOW);
    expect(dedupe.logTime(undefined, wrong)).toBeUndefined();
  });
});

describe('a fresh record', () => {
  it('precedes the log’s time at which its id may be evicted, with any clocks', () => {
    const apart = fc.integer({ min: -WINDOW_MS / 2, max: WINDOW_MS / 2 });
    const clocks = fc.record({ at: apart, appendedAt: apart, logTime: apart });
    fc.assert(
      fc.property(clocks, ({ logTime, ...of }) => {
        const made = 0;
        const after = dedupe.logTime(logTime, of);
        fc.pre(dedupe.isFresh(made, of, after));
        expect(after).toBeLessThan(dedupe.rememberUntil(made));
      }),
      { numRuns: 5_000 },
    );
  });

  const quarter = WINDOW_MS / 4;
  it.each<[string, boolean, number | undefined, ReturnType<typeof times>, number | undefined]>([
    ['made, accepted and appended now', true, NOW, times(NOW), NOW],
    ['the first one of a log', true, NOW, times(NOW), undefined],
    ['almost at the age limit', true, NOW - quarter + 1, times(NOW), NOW],
    ['older', false, NOW - quarter, times(NOW), NOW],
    ['of a client whose clock is ahead', false, NOW + quarter, times(NOW), NOW],
    ['appended as late as allowed', true, NOW, times(NOW, NOW + quarter), NOW],
    ['appended later', false, NOW, times(NOW, NOW + quarter + 1), NOW],
    ['appended before its time', false, NOW, times(NOW, NOW - quarter - 1), NOW],
    ['as far behind the log as allowed', true, NOW, times(NOW), NOW + quarter],
    ['further behind the log', false, NOW, times(NOW), NOW + quarter + 1],
    ['not a UUIDv7', false, undefined, times(NOW), NOW],
  ])('%s: %s', (_, isFresh, made, of, logTime) => {
    expect(dedupe.isFresh(made, of, logTime)).toBe(isFresh);
  });
});

it('the shares of the window add up, so an id of the present is known while it is needed', () => {
  const greatest = NOW + WINDOW_MS / 2;
  expect(dedupe.rememberUntil(greatest) - NOW).toBe(dedupe.retentionMs);
  expect(dedupe.rememberUntil(undefined)).toBe(Number.NEGATIVE_INFINITY);
});

it('has whole milliseconds for any window, as states and positions have', () => {
  const odd = new DedupeWindow(90_001);
  expect(Number.isInteger(odd.rememberUntil(NOW))).toBe(true);
  expect(Number.isInteger(odd.retentionMs)).toBe(true);
});
