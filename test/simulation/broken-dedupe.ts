import { DedupeWindow, type RecordTimes } from '../../schemas/dedupe-window';
import type { BrokenOptions } from './site';
import { WINDOW_MS } from './window';

/** The share of the window behind the log's time that a record may be. */
const BEHIND_SHARE = 1 / 4;

/** Treats late records as fresh, so they are not looked up. */
class LateIsFresh extends DedupeWindow {
  override isFresh(made: number | undefined, times: RecordTimes, logTime?: number): boolean {
    return this.isYoung(made, times.at) && isCurrent(times, logTime, this.windowMs);
  }
}

/** Treats records whose ids are not young as fresh, so they are not looked up. */
class OldIsFresh extends DedupeWindow {
  override isFresh(_: number | undefined, times: RecordTimes, logTime?: number): boolean {
    return !this.isLate(times) && isCurrent(times, logTime, this.windowMs);
  }
}

/** Treats records far behind the log's time as fresh, so they are not looked up. */
class BehindIsFresh extends DedupeWindow {
  override isFresh(made: number | undefined, times: RecordTimes): boolean {
    return this.isYoung(made, times.at) && !this.isLate(times);
  }
}

/**
 * Forgets ids only by the producers' clocks, and looks up no record that is behind the log's time.
 */
class TimeOfProducers extends BehindIsFresh {
  override logTime(before: number | undefined, { at }: RecordTimes): number | undefined {
    return Math.max(before ?? at, at);
  }

  override get retentionMs(): number {
    return 0;
  }
}

/** Treats ids as young for twice the time, and forgets them half a window after their own time. */
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

/** The dedupe rule without one of its mechanisms, by the name of the missing one. */
export const BROKEN_DEDUPE: Readonly<Record<string, BrokenOptions>> = {
  'the look-up of late records': { dedupe: new LateIsFresh(WINDOW_MS) },
  'the look-up of old ids': { dedupe: new OldIsFresh(WINDOW_MS) },
  'the look-up of records that are behind': { dedupe: new BehindIsFresh(WINDOW_MS) },
  "the log's own time": { dedupe: new TimeOfProducers(WINDOW_MS) },
  'the margin of young ids': { dedupe: new YoungForLonger(WINDOW_MS) },
};

function isCurrent({ appendedAt }: RecordTimes, logTime: number | undefined, windowMs: number) {
  return logTime === undefined || appendedAt >= logTime - windowMs * BEHIND_SHARE;
}
