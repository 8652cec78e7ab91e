import { type Now, STUCK_RETENTIONS } from '../../schemas/retention';
import { FingerprintMap } from './fingerprint-map';
import { FingerprintSet } from './fingerprint-set';
import type { Fingerprint } from './fingerprints';

/** Ids of one generation; if it is full, the older generation is dropped early. */
export const MAX_IDS = 4_000_000;

/** Ids of the future; if there are more, all are dropped, and their channels' ids are looked up. */
export const MAX_FUTURE_IDS = 10_000;

export interface SeenIdsOptions {
  /** How long an id of the present is remembered, ms: of log time, and of the monotonic clock. */
  readonly retentionMs: number;
  readonly maxIds?: number | undefined;
  readonly maxFutureIds?: number | undefined;
  /** Until this log time, ids that an earlier owner dropped early are still needed. */
  readonly droppedUntil?: number | undefined;
}

/** Ids that were noted in the same period, and are evicted together. */
class Generation {
  readonly ids = new FingerprintSet();
  /** The greatest log time until which one of them is needed. */
  neededUntil = Number.NEGATIVE_INFINITY;
  /** The monotonic clock when the last of them was noted. */
  notedAt = Number.NEGATIVE_INFINITY;
}

/**
 * The ids that an owner remembers, each until a log time of its own, as 64-bit fingerprints. Ids of
 * the present are in two generations. Ids of the future are kept apart, because one of them would
 * keep a whole generation. Ids are evicted only in `evict`, and only by two clocks: the log's time,
 * and the owner's monotonic clock, because the log's time may jump.
 */
export class SeenIds {
  private current = new Generation();
  private previous = new Generation();
  /** By id, the log's time until which it is needed. */
  private readonly future = new FingerprintMap<number>();
  /** The least of these times, so that few evictions iterate over all ids. */
  private futureDueAt = Number.POSITIVE_INFINITY;
  private droppedUntil: number;
  private futureDroppedUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: SeenIdsOptions) {
    this.droppedUntil = options.droppedUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** Notes an id that is needed until the log's time is `until`; false if it was known. */
  note(id: Fingerprint, until: number, { logTime, monotonic }: Now): boolean {
    if (this.isFuture(until, logTime)) return this.noteFuture(id, until);
    // `add` compares it with the others of its generation.
    if (this.hasBefore(id) || !this.current.ids.add(id)) return false;
    this.current.neededUntil = Math.max(this.current.neededUntil, until);
    this.current.notedAt = monotonic;
    return true;
  }

  has(id: Fingerprint): boolean {
    return this.hasBefore(id) || this.current.ids.has(id);
  }

  /** Whether an id that is needed until `until` is an id of the future. */
  isFuture(until: number, logTime = Number.NEGATIVE_INFINITY): boolean {
    return until > logTime + this.options.retentionMs;
  }

  /** Whether ids were dropped early that are still needed: then all ids must be looked up. */
  isIncomplete(logTime = Number.NEGATIVE_INFINITY): boolean {
    return logTime < this.droppedUntil;
  }

  /** Whether ids of the future were dropped early: then their channels' ids must be looked up. */
  isFutureIncomplete(logTime = Number.NEGATIVE_INFINITY): boolean {
    return logTime < this.futureDroppedUntil;
  }

  /** Evicts ids not needed or too many. Do not call it between a look-up and its count. */
  evict(now: Now): void {
    const { maxIds = MAX_IDS, maxFutureIds = MAX_FUTURE_IDS } = this.options;
    const isTooMuch = this.current.ids.size >= maxIds || this.isStuck(now);
    if (isTooMuch) this.dropPreviousEarly(now);
    if (isTooMuch || (this.current.ids.size > 0 && this.isOver(this.previous, now))) {
      this.previous = this.current;
      this.current = new Generation();
    }
    if (this.future.size > 0) this.evictFuture(now.logTime, maxFutureIds);
  }

  private hasBefore(id: Fingerprint): boolean {
    return this.previous.ids.has(id) || (this.future.size > 0 && this.future.has(id));
  }

  private noteFuture(id: Fingerprint, until: number): boolean {
    if (this.has(id)) return false;
    this.future.set(id, until);
    this.futureDueAt = Math.min(this.futureDueAt, until);
    return true;
  }

  /** The number of ids kept. */
  get size(): number {
    return this.current.ids.size + this.previous.ids.size + this.future.size;
  }

  private isOver({ neededUntil, notedAt }: Generation, { logTime, monotonic }: Now): boolean {
    const isPast = neededUntil <= (logTime ?? Number.NEGATIVE_INFINITY);
    return isPast && notedAt <= monotonic - this.options.retentionMs;
  }

  // The log's time does not advance while the log's clock is behind it: for years, if a clock was
  // years ahead and was corrected. All ids are looked up meanwhile, so dropping them is safe.
  private isStuck({ monotonic }: Now): boolean {
    const { ids, notedAt } = this.previous;
    return ids.size > 0 && notedAt <= monotonic - STUCK_RETENTIONS * this.options.retentionMs;
  }

  private dropPreviousEarly({ logTime }: Now): void {
    const { neededUntil } = this.previous;
    if (neededUntil > (logTime ?? Number.NEGATIVE_INFINITY)) {
      this.droppedUntil = Math.max(this.droppedUntil, neededUntil);
    }
  }

  private evictFuture(logTime = Number.NEGATIVE_INFINITY, maxFutureIds: number): void {
    if (logTime >= this.futureDueAt) this.evictPast(logTime);
    if (this.future.size <= maxFutureIds) return;
    for (const [, until] of this.future) {
      this.futureDroppedUntil = Math.max(this.futureDroppedUntil, until);
    }
    this.future.clear();
    this.futureDueAt = Number.POSITIVE_INFINITY;
  }

  private evictPast(logTime: number): void {
    this.futureDueAt = Number.POSITIVE_INFINITY;
    for (const [id, until] of this.future) {
      if (until <= logTime) this.future.delete(id);
      else this.futureDueAt = Math.min(this.futureDueAt, until);
    }
  }
}
