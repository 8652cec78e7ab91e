import fc from 'fast-check';
import '../../fixtures/same-runs';
import { DedupeWindow, type RecordTimes } from '../../../schemas/dedupe-window';
import { WINDOW_MS } from '../parts';
import { brokenBy, history, IDS, type Step } from './duplicate-history';

describe('every id is counted once', () => {
  it('with any clocks, any delay of appends, and any changes of owner', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(history), async (of) => {
        expect(await brokenBy(of)).toEqual([]);
      }),
      { numRuns: Number(process.env.HISTORIES ?? 1_500) },
    );
  }, 240_000);
});

class NothingIsLate extends DedupeWindow {
  override isLate(): boolean {
    return false;
  }
}

class LateRecordsMoveLogTime extends DedupeWindow {
  override logTime(before: number | undefined, { appendedAt, at }: RecordTimes): number {
    return Math.max(before ?? 0, appendedAt, at);
  }

  override isFresh(made: number | undefined, times: RecordTimes): boolean {
    return !this.isLate(times) && this.isYoung(made, times.at);
  }
}

class YoungForTwiceAsLong extends DedupeWindow {
  override isYoung(made: number | undefined, at: number): boolean {
    return made !== undefined && Math.abs(at - made) <= this.windowMs / 2;
  }
}

class OldIdsAreNotLookedUp extends DedupeWindow {
  override isFresh(_: number | undefined, times: RecordTimes, logTime: number | undefined) {
    return super.isFresh(times.at, times, logTime);
  }
}

describe('random histories find a rule that lacks a part', () => {
  it.each([
    ['does not look late appends up', new NothingIsLate(WINDOW_MS)],
    ['advances the log’s time by late appends', new LateRecordsMoveLogTime(WINDOW_MS)],
    ['does not look old ids up', new OldIdsAreNotLookedUp(WINDOW_MS)],
  ])(
    '%s',
    async (_, dedupe) => {
      const wrong = fc.asyncProperty(fc.record(history), async (of) => {
        expect(await brokenBy(of, dedupe)).toEqual([]);
      });
      const { failed } = await fc.check(wrong, { numRuns: 3_000, endOnFailure: true });
      expect(failed).toBe(true);
    },
    240_000,
  );
});

describe('two copies at the greatest distance without a look-up', () => {
  // The client's clock is ahead by half a window. A later record advances the log's time past the
  // point at which the id is evicted. Then the log's clock steps back before the copy arrives.
  const apart: Step[] = [
    { kind: 'append', ids: [0], apart: 0, producer: 0, delay: 0, isStored: true },
    { kind: 'consume', most: 0 },
    { kind: 'wait', ms: 1.3 * WINDOW_MS },
    { kind: 'append', ids: [1], apart: 0, producer: 0, delay: 0, isStored: true },
    { kind: 'consume', most: 0 },
    { kind: 'skew', clock: 2, skew: -0.06 * WINDOW_MS },
    { kind: 'append', ids: [0], apart: 0, producer: 1, delay: 0.31 * WINDOW_MS, isStored: true },
  ];
  const skews = [WINDOW_MS / 2 - 1, ...Array<number>(IDS - 1).fill(0)];

  it('are counted once, because ids are young within a quarter of the window', async () => {
    expect(await brokenBy({ maxIds: 100, skews, steps: apart })).toEqual([]);
  });

  it('would be counted twice if ids were young within half a window', async () => {
    const dedupe = new YoungForTwiceAsLong(WINDOW_MS);
    expect(await brokenBy({ maxIds: 100, skews, steps: apart }, dedupe)).not.toEqual([]);
  });
});

describe('an id of the future for one owner, but not for another one', () => {
  // The first record is late, so it does not advance the log's time. The first owner reads it in
  // one batch with the next one. The second owner reads it alone, and keeps no checkpoint for it.
  const steps: Step[] = [
    { kind: 'append', ids: [0], apart: 0, producer: 0, delay: WINDOW_MS / 4 + 1, isStored: false },
    { kind: 'append', ids: [1], apart: 0, producer: 0, delay: 0, isStored: false },
    { kind: 'consume', most: 1 },
    { kind: 'checkpoint' },
    { kind: 'append', ids: [0], apart: 0, producer: 0, delay: 0, isStored: false },
    { kind: 'takeover' },
    { kind: 'consume', most: 0 },
    { kind: 'wait', ms: 1.25 * WINDOW_MS },
    { kind: 'checkpoint' },
    { kind: 'takeover' },
  ];

  it('is counted once, although the first owner read it in a longer batch', async () => {
    const skews = Array<number>(IDS).fill(0);
    expect(await brokenBy({ maxIds: 100, skews, steps })).toEqual([]);
  });
});
