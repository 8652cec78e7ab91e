import { FingerprintSet } from './fingerprint-set';

/** Ids of one generation; beyond it the older generation is dropped early. */
export const MAX_IDS = 4_000_000;

/** Ids whose time lies ahead; beyond it they are dropped, and their channels' ids looked up. */
export const MAX_FUTURE_IDS = 10_000;

/** What log time has not passed after so many retentions of the monotonic clock is dropped early. */
export const STUCK_RETENTIONS = 4;

export interface SeenIdsOptions {
  /** How long an id of the present is remembered, ms: of log time, and of the monotonic clock. */
  readonly retentionMs: number;
  readonly maxIds?: number | undefined;
  readonly maxFutureIds?: number | undefined;
  /** The log's time until which ids are needed that an earlier owner dropped. */
  readonly droppedUntil?: number | undefined;
}

/** Where an owner stands in time. */
export interface Now {
  /** The log's time (`dedupe-window.ts`); undefined while it has none. */
  readonly logTime: number | undefined;
  /** The owner's monotonic clock, ms. */
  readonly monotonic: number;
}

/** Ids that were noted one after the other, and are dropped together. */
class Generation {
  readonly ids = new FingerprintSet();
  /** The log's time until which one of them is needed. */
  neededUntil = Number.NEGATIVE_INFINITY;
  /** The monotonic clock when the last of them was noted. */
  notedAt = Number.NEGATIVE_INFINITY;
}

/**
 * The ids that an owner remembers, each until a log time of its own, as 64-bit fingerprints. Ids of
 * the present are in two generations. Ids whose time lies further ahead are apart, since they would
 * keep a generation for as long. It forgets only in `turn`, and by two clocks: the log's time, and
 * the owner's monotonic clock, since the log's time may jump.
 */
export class SeenIds {
  private current = new Generation();
  private previous = new Generation();
  /** By id, the log's time until which it is needed. */
  private readonly future = new Map<bigint, number>();
  /** The least of these, so that few turns walk over all. */
  private futureDueAt = Number.POSITIVE_INFINITY;
  private droppedUntil: number;
  private futureDroppedUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: SeenIdsOptions) {
    this.droppedUntil = options.droppedUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** Notes an id that is needed until the log's time is `until`; false when it was known. */
  note(id: bigint, until: number, { logTime, monotonic }: Now): boolean {
    if (this.has(id)) return false;
    if (this.isFuture(until, logTime)) {
      this.future.set(id, until);
      this.futureDueAt = Math.min(this.futureDueAt, until);
    } else {
      this.current.ids.add(id);
      this.current.neededUntil = Math.max(this.current.neededUntil, until);
      this.current.notedAt = monotonic;
    }
    return true;
  }

  has(id: bigint): boolean {
    return this.previous.ids.has(id) || this.current.ids.has(id) || this.future.has(id);
  }

  /** Whether an id that is needed until `until` is one of the future. */
  isFuture(until: number, logTime = Number.NEGATIVE_INFINITY): boolean {
    return until > logTime + this.options.retentionMs;
  }

  /** Whether ids were dropped early that are needed still: all ids have to be looked up. */
  isIncomplete(logTime = Number.NEGATIVE_INFINITY): boolean {
    return logTime < this.droppedUntil;
  }

  /** The same of ids of the future: those of their channels have to be looked up. */
  isFutureIncomplete(logTime = Number.NEGATIVE_INFINITY): boolean {
    return logTime < this.futureDroppedUntil;
  }

  /** Forgets what is not needed, and what is too much; never between a look-up and its count. */
  turn(now: Now): void {
    const { maxIds = MAX_IDS, maxFutureIds = MAX_FUTURE_IDS } = this.options;
    const isTooMuch = this.current.ids.size >= maxIds || this.isStuck(now);
    if (isTooMuch) this.dropPreviousEarly(now);
    if (isTooMuch || (this.current.ids.size > 0 && this.isOver(this.previous, now))) {
      this.previous = this.current;
      this.current = new Generation();
    }
    if (this.future.size > 0) this.turnFuture(now.logTime, maxFutureIds);
  }

  /** Ids kept. */
  get size(): number {
    return this.current.ids.size + this.previous.ids.size + this.future.size;
  }

  private isOver({ neededUntil, notedAt }: Generation, { logTime, monotonic }: Now): boolean {
    const isPast = neededUntil <= (logTime ?? Number.NEGATIVE_INFINITY);
    return isPast && notedAt <= monotonic - this.options.retentionMs;
  }

  // The log's time stands still while the log's clock is behind it, by years after a wrong clock was
  // set right. All ids are looked up meanwhile, so nothing is lost by dropping them.
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

  private turnFuture(logTime = Number.NEGATIVE_INFINITY, maxFutureIds: number): void {
    if (logTime >= this.futureDueAt) this.forgetFuture(logTime);
    if (this.future.size <= maxFutureIds) return;
    for (const until of this.future.values()) {
      this.futureDroppedUntil = Math.max(this.futureDroppedUntil, until);
    }
    this.future.clear();
    this.futureDueAt = Number.POSITIVE_INFINITY;
  }

  private forgetFuture(logTime: number): void {
    this.futureDueAt = Number.POSITIVE_INFINITY;
    for (const [id, until] of this.future) {
      if (until <= logTime) this.future.delete(id);
      else this.futureDueAt = Math.min(this.futureDueAt, until);
    }
  }
}
