/** A UUIDv7 is young if its own time differs from `at` by less than this share of the window. */
const YOUNG_SHARE = 1 / 4;

/** An append is late when the log's clock and the producer's differ by more than this share. */
const LATE_SHARE = 1 / 4;

/** A record is current if it is at most this share of the window behind the log's time. */
const BEHIND_SHARE = 1 / 4;

/** An id is of the future if its own time is more than this share ahead of the log's time. */
const PRESENT_SHARE = 1 / 2;

/** The sum of the first three: the most that log time can be past a fresh record's id. */
const REMEMBER_SHARE = YOUNG_SHARE + LATE_SHARE + BEHIND_SHARE;

/** An id is refused if its own time is further ahead of the producer's clock than this. */
export const MAX_AHEAD_MS = 24 * 3_600_000;

/** The two times of a record, ms since the epoch. */
export interface RecordTimes {
  /** The producer's clock when the request arrived. */
  readonly at: number;
  /** The log's clock when it appended the record. */
  readonly appendedAt: number;
}

/**
 * The rule that finds duplicates of an entry, and its proof.
 *
 * Let W be the window. A record is *fresh* if all three hold:
 * - young: its id is a UUIDv7 and |at − the id's time| < W/4;
 * - not late: |appendedAt − at| ≤ W/4;
 * - current: appendedAt ≥ logTime − W/4, where `logTime` is the greatest `appendedAt` of all
 *   records of the partition so far that are not late.
 *
 * If a record is not fresh, the owner looks it up in the store. A look-up finds each earlier copy,
 * because the owner remembers each record until its row is written (`unstored-records.ts`). A fresh
 * record is not looked up, so the owner must remember the id of each earlier copy. It does so if it
 * remembers every id until logTime ≥ the id's time + 3W/4, because for a fresh record:
 *
 *   logTime ≤ appendedAt + W/4 ≤ at + W/2 < the id's time + 3W/4.
 *
 * The proof compares only times in records. So no two clocks need to agree, each may step in either
 * direction, and an append may arrive after any time. A wrong clock only costs look-ups. A test
 * asserts the sum of the shares.
 */
export class DedupeWindow {
  constructor(readonly windowMs: number) {}

  /**
   * Whether a producer that read `at` may append an id without a look-up. `made` is the id's own
   * time (`uuidv7Time`), ms since the epoch; undefined for any id but a UUIDv7.
   */
  isYoung(made: number | undefined, at: number): boolean {
    return made !== undefined && Math.abs(at - made) < this.youngMs;
  }

  /** The age, ms, below which a producer may append an id without a look-up. */
  get youngMs(): number {
    return this.windowMs * YOUNG_SHARE;
  }

  /** Whether the id's own time is so far ahead of the producer's clock that the id is refused. */
  isTooFarAhead(made: number | undefined, at: number): boolean {
    return made !== undefined && made - at > MAX_AHEAD_MS;
  }

  /** Whether the log's clock and the producer's differ too much for this record. */
  isLate({ appendedAt, at }: RecordTimes): boolean {
    return Math.abs(appendedAt - at) > this.windowMs * LATE_SHARE;
  }

  /** The log's time after a record, from that before it; undefined until a record was not late. */
  logTime(before: number | undefined, times: RecordTimes): number | undefined {
    if (this.isLate(times)) return before;
    return before === undefined ? times.appendedAt : Math.max(before, times.appendedAt);
  }

  /** Whether the record is fresh, given the log's time: the owner then needs no look-up. */
  isFresh(made: number | undefined, times: RecordTimes, logTime: number | undefined): boolean {
    if (this.isLate(times) || !this.isYoung(made, times.at)) return false;
    return logTime === undefined || times.appendedAt >= logTime - this.windowMs * BEHIND_SHARE;
  }

  /** Until this log time an owner remembers the id; -Infinity for an id that is never fresh. */
  rememberUntil(made: number | undefined): number {
    if (made === undefined) return Number.NEGATIVE_INFINITY;
    return made + Math.ceil(this.windowMs * REMEMBER_SHARE);
  }

  /**
   * How long an id of the present is remembered, ms, both by log time and by the owner's monotonic
   * clock. An id is of the future if its own time is more than W/2 ahead.
   */
  get retentionMs(): number {
    return Math.ceil(this.windowMs * (PRESENT_SHARE + REMEMBER_SHARE));
  }
}
