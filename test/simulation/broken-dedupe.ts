import { DedupeWindow, type RecordTimes } from '../../schemas/dedupe-window';
import type { BrokenParts } from './site';
import { WINDOW_MS } from './window';

/** The share of the window behind the log's time that a record may be. */
const BEHIND_SHARE = 1 / 4;

/** Late records are taken for fresh ones, and not looked up. */
class LateIsFresh extends DedupeWindow {
  override isFresh(made: number | undefined, times: RecordTimes, logTime?: number): boolean {
    return this.isYoung(made, times.at) && isCurrent(times, logTime, this.windowMs);
  }
}

/** Records whose ids are not young are taken for fresh ones, and not looked up. */
class OldIsFresh extends DedupeWindow {
  override isFresh(_: number | undefined, times: RecordTimes, logTime?: number): boolean {
    return !this.isLate(times) && isCurrent(times, logTime, this.windowMs);
  }
}

/** Records far behind the log's time are taken for fresh ones, and not looked up. */
class BehindIsFresh extends DedupeWindow {
  override isFresh(made: number | undefined, times: RecordTimes): boolean {
    return this.isYoung(made, times.at) && !this.isLate(times);
  }
}

/**
 * Owners forget by what producers say the time is, and by no other clock; and no record is looked up
 * for being behind.
 */
class TimeOfProducers extends BehindIsFresh {
  override logTime(before: number | undefined, { at }: RecordTimes): number | undefined {
    return Math.max(before ?? at, at);
  }

  override get retentionMs(): number {
    return 0;
  }
}

/** An id is young for twice as long, and known for half a window after its own time, no longer. */
class YoungForLonger extends DedupeWindow {
  override isYoung(made: number | undefined, at: number): boolean {
    return made !== undefined && Math.abs(at - made) < this.windowMs / 2;
  }

  override rememberUntil(made: number | undefined): number {
    return made === undefined ? Number.NEGATIVE_INFINITY : made + this.windowMs / 2;
  }

  override get retentionMs(): number {
    return 0;
  }
}

/** What the rule by which copies are found can lack. */
export const BROKEN_DEDUPE: Readonly<Record<string, BrokenParts>> = {
  'looking late records up': { dedupe: new LateIsFresh(WINDOW_MS) },
  'looking old ids up': { dedupe: new OldIsFresh(WINDOW_MS) },
  'looking records up that are behind': { dedupe: new BehindIsFresh(WINDOW_MS) },
  "the log's own time": { dedupe: new TimeOfProducers(WINDOW_MS) },
  'the margin of young ids': { dedupe: new YoungForLonger(WINDOW_MS) },
};

function isCurrent({ appendedAt }: RecordTimes, logTime: number | undefined, windowMs: number) {
  return logTime === undefined || appendedAt >= logTime - windowMs * BEHIND_SHARE;
}
