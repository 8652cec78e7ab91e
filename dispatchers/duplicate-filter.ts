import type { Clock } from '../runtime/clock';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { Checkpoints } from './checkpoints';
import type { Cancelled, Logged } from './log-event';
import { type Now, SeenIds } from './seen-ids';
import type { Position } from './source';

export interface DuplicateFilterOptions {
  readonly dedupe: DedupeWindow;
  readonly clock: Clock;
  /** Whether this origin's log follows another one, which may have copies of its first ids. */
  readonly followsAnotherLog?: boolean | undefined;
  /** Ids of one generation, where it is not the usual number. */
  readonly maxIds?: number | undefined;
}

/**
 * What an owner needs to decide which records of its partition are copies: the log's time, the ids
 * that it remembers, and where a successor has to begin to remember the same. The rule and its proof
 * are in `schemas/dedupe-window.ts`.
 */
export class DuplicateFilter {
  private logTime: number | undefined;
  private readonly seen: SeenIds;
  private readonly checkpoints: Checkpoints;
  /** Until this log time the log is so young that another one may have copies; then undefined. */
  private youngUntil: number | undefined;

  constructor(
    position: Position,
    private readonly options: DuplicateFilterOptions,
  ) {
    const { from, logTime, lookUpUntil } = position;
    const { retentionMs } = options.dedupe;
    this.logTime = logTime;
    this.checkpoints = new Checkpoints(retentionMs, {
      from,
      ...(logTime !== undefined && { logTime }),
      ...(lookUpUntil !== undefined && { lookUpUntil }),
    });
    this.seen = new SeenIds({
      retentionMs,
      maxIds: options.maxIds,
      droppedUntil: lookUpUntil,
    });
    const isFromTheBeginning = from === 0 && options.followsAnotherLog;
    this.youngUntil = isFromTheBeginning ? Number.POSITIVE_INFINITY : undefined;
  }

  /** Reads a record's times: every record, in the order of the log. */
  observe({ appendedAt, record }: Logged): void {
    this.logTime = this.options.dedupe.logTime(this.logTime, { appendedAt, at: record.at });
  }

  /** Whether a record's id is to be looked up in the store before the record is counted. */
  mustLookUp({ appendedAt, made, record }: Logged): boolean {
    if (this.isYoungLog() || this.seen.isIncomplete(this.logTime)) return true;
    return !this.options.dedupe.isFresh(made, { appendedAt, at: record.at }, this.logTime);
  }

  /** Whether the ids of a channel are to be looked up whose state says so until `until`. */
  isBefore(until: number): boolean {
    return (this.logTime ?? Number.NEGATIVE_INFINITY) < until;
  }

  /**
   * Notes a like's id; false when it was known. An id that no record can be fresh with is looked up
   * each time, so it takes no place.
   */
  note({ id, made }: Logged): boolean {
    if (made === undefined) return !this.seen.has(id);
    const until = this.options.dedupe.rememberUntil(made);
    if (!this.seen.isFuture(until, this.logTime)) this.checkpoints.need(until);
    return this.seen.note(id, until, this.now);
  }

  /** Notes the id of a cancel; false when it was known. Cancels are repeated soon, or never. */
  noteCancel({ appendedAt, id }: Cancelled): boolean {
    const until = appendedAt + this.options.dedupe.retentionMs;
    this.checkpoints.need(until);
    return this.seen.note(id, until, this.now);
  }

  has(id: bigint): boolean {
    return this.seen.has(id);
  }

  /** Whether `has` can say that the log has no earlier copy of such an id. */
  isDefinite(made: number | undefined): boolean {
    if (this.seen.isIncomplete(this.logTime)) return false;
    return this.isBefore(this.options.dedupe.rememberUntil(made));
  }

  /** Until when the channel's state has its ids looked up; undefined for an id of the present. */
  futureUntil({ made }: Logged): number | undefined {
    const until = this.options.dedupe.rememberUntil(made);
    return this.seen.isFuture(until, this.logTime) ? until : undefined;
  }

  /** Whether ids of the future were dropped, so that the channels' states have to be asked. */
  get isFutureIncomplete(): boolean {
    return this.seen.isFutureIncomplete(this.logTime);
  }

  /** All records below `offset` are noted: forgets what is not needed. */
  batchDone(offset: number): void {
    const { now } = this;
    this.seen.turn(now);
    this.checkpoints.note(offset, now);
  }

  /** The position to record when all below `done` is done. */
  positionAt(done: number): Position {
    return { done, ...this.checkpoints.startOf(done, this.now.monotonic) };
  }

  get now(): Now {
    return { logTime: this.logTime, monotonic: this.options.clock.monotonic() };
  }

  private isYoungLog(): boolean {
    if (this.youngUntil === undefined) return false;
    if (this.youngUntil === Number.POSITIVE_INFINITY && this.logTime !== undefined) {
      this.youngUntil = this.logTime + this.options.dedupe.retentionMs;
    }
    if (this.isBefore(this.youngUntil)) return true;
    this.youngUntil = undefined;
    return false;
  }
}
