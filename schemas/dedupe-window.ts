/** A UUIDv7 is young within this share of the window around its own time. */
const YOUNG_SHARE = 1 / 4;

/** An append is late when the log's clock and the producer's differ by more than this share. */
const LATE_SHARE = 1 / 4;

/** A record is current while it is at most this share of the window behind the log's time. */
const BEHIND_SHARE = 1 / 4;

/** An id is of the present until its own time lies further ahead of the log's than this share. */
const PRESENT_SHARE = 1 / 2;

/** The sum of the first three: how far the log's time can be past an id's own time at a fresh record. */
const REMEMBER_SHARE = YOUNG_SHARE + LATE_SHARE + BEHIND_SHARE;

/** An id further ahead of the producer's clock than this is refused. */
export const MAX_AHEAD_MS = 24 * 3_600_000;

/** What a record says of its times, ms since the epoch. */
export interface RecordTimes {
  /** The producer's clock when the request arrived. */
  readonly at: number;
  /** The log's clock when it appended the record. */
  readonly appendedAt: number;
}

/**
 * The rule by which a copy of a like is found, and its proof.
 *
 * Let W be the window. A record is *fresh* if all three hold:
 * - young: its id is a UUIDv7 and |at − the id's time| < W/4;
 * - not late: |appendedAt − at| ≤ W/4;
 * - current: appendedAt ≥ logTime − W/4, where `logTime` is the greatest `appendedAt` of all records
 *   of the partition so far that are not late.
 *
 * The owner looks up every record in the store that is not fresh. A look-up finds each earlier copy,
 * since a record whose row may be missing is known to the owner until the row is there (`unstored.ts`).
 * A fresh record is not looked up, so the owner must remember the id of each earlier copy. It does if
 * it remembers every id until logTime ≥ the id's time + 3W/4: a fresh record has
 *
 *   logTime ≤ appendedAt + W/4 ≤ at + W/2 < the id's time + 3W/4.
 *
 * The proof compares readings that stand in records, and nothing else: no two clocks have to agree,
 * any of them may step in either direction, and an append may arrive after any time. What a wrong
 * clock costs is look-ups. The sum of the shares is asserted by a test.
 */
export class DedupeWindow {
  constructor(readonly windowMs: number) {}

  /**
   * Whether a producer that read `at` may append an id without a look-up. `made` is the id's own
   * time (`uuidv7Time`), ms since the epoch; undefined for any id but a UUIDv7.
   */
  isYoung(made: number | undefined, at: number): boolean {
    return made !== undefined && Math.abs(at - made) < this.windowMs * YOUNG_SHARE;
  }

  /** Whether the id's own time lies so far ahead of the clock that it is refused. */
  isTooFarAhead(made: number | undefined, at: number): boolean {
    return made !== undefined && made - at > MAX_AHEAD_MS;
  }

  /** Whether the log appended the record long after, or before, the time that it carries. */
  isLate({ appendedAt, at }: RecordTimes): boolean {
    return Math.abs(appendedAt - at) > this.windowMs * LATE_SHARE;
  }

  /** The log's time after a record, from the one before it; undefined while no record had one. */
  logTime(before: number | undefined, times: RecordTimes): number | undefined {
    if (this.isLate(times)) return before;
    return before === undefined ? times.appendedAt : Math.max(before, times.appendedAt);
  }

  /** Whether the owner need not look the record up, given the log's time. */
  isFresh(made: number | undefined, times: RecordTimes, logTime: number | undefined): boolean {
    if (this.isLate(times) || !this.isYoung(made, times.at)) return false;
    return logTime === undefined || times.appendedAt >= logTime - this.windowMs * BEHIND_SHARE;
  }

  /** The log's time until which an owner remembers the id; -Infinity for one that is never fresh. */
  rememberUntil(made: number | undefined): number {
    if (made === undefined) return Number.NEGATIVE_INFINITY;
    return made + this.windowMs * REMEMBER_SHARE;
  }

  /**
   * How long an id of the present is remembered, ms: of log time, and of the owner's monotonic
   * clock. An id whose own time lies further ahead than W/2 is one of the future.
   */
  get retentionMs(): number {
    return this.windowMs * (PRESENT_SHARE + REMEMBER_SHARE);
  }
}
