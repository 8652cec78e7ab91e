import type { Clock } from '../../runtime/clock';
import { Checkpoints } from '../../schemas/checkpoints';
import type { DedupeWindow } from '../../schemas/dedupe-window';
import type { Position } from '../../schemas/position';
import type { Now } from '../../schemas/retention';
import type { Fingerprint } from './fingerprints';
import type { CancelEvent, EntryEvent, RecordEvent } from './log-event';
import { SeenIds } from './seen-ids';

export interface DuplicateFilterOptions {
  readonly dedupe: DedupeWindow;
  readonly clock: Clock;
  /** Whether this origin's log replaced an earlier one, which may have copies of its first ids. */
  readonly followsAnotherLog?: boolean | undefined;
  /** Ids of one generation; `MAX_IDS` if not given. */
  readonly maxIds?: number | undefined;
}

/**
 * Decides which entries of a partition are duplicates. Keeps the log's time, the seen ids, and the
 * position from which a successor must read to see the same ids. The rule and its proof are in
 * `schemas/dedupe-window.ts`.
 */
export class DuplicateFilter {
  private logTime: number | undefined;
  /** The log's time up to the last noted record; `logTime` includes the rest of a batch. */
  private notedTime: number | undefined;
  private readonly seen: SeenIds;
  private readonly checkpoints: Checkpoints;
  /** All records below this offset are noted; undefined before the first ones. */
  private readTo: number | undefined;
  /** Until this log time an earlier log may contain copies; afterwards undefined. */
  private youngUntil: number | undefined;

  constructor(
    position: Position,
    private readonly options: DuplicateFilterOptions,
  ) {
    const { from, logTime, lookUpUntil } = position;
    const { retentionMs } = options.dedupe;
    this.logTime = logTime;
    this.notedTime = logTime;
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

  /**
   * Advances the log's time. Call it for every entry, in the order of the log. For the rule, each
   * entry is a record of its own, with its own `at` and the time when its record was appended.
   */
  observe(entry: EntryEvent): void {
    this.logTime = this.options.dedupe.logTime(this.logTime, entry);
  }

  /** Whether the owner must look an entry's id up in the store before it counts the entry. */
  mustLookUp(entry: EntryEvent): boolean {
    if (this.isYoungLog() || this.seen.isIncomplete(this.logTime)) return true;
    return !this.options.dedupe.isFresh(entry.made, entry, this.logTime);
  }

  /** Whether the log's time is before `until`. */
  isBefore(until: number): boolean {
    return (this.logTime ?? Number.NEGATIVE_INFINITY) < until;
  }

  /**
   * Begins to note a record, and returns the time for `note` and `futureUntil`. This log time
   * depends on no later record. So an owner that reads the record again, in another batch, finds
   * the same ids to be of the future, and the saved state has `lookUpUntil` for these.
   */
  begin({ entries }: RecordEvent, monotonic: number): Now {
    const { dedupe } = this.options;
    for (const entry of entries) this.notedTime = dedupe.logTime(this.notedTime, entry);
    return { logTime: this.notedTime, monotonic };
  }

  /**
   * Notes an entry's id; false if it was known. An id without a time is never fresh and always
   * looked up, so it is not kept.
   */
  note({ fingerprint, made }: EntryEvent, now: Now): boolean {
    if (made === undefined) return !this.seen.has(fingerprint);
    const until = this.options.dedupe.rememberUntil(made);
    if (!this.seen.isFuture(until, now.logTime)) this.checkpoints.need(until);
    return this.seen.note(fingerprint, until, now);
  }

  /** Notes the id of a cancel; false if it was known. Repeated cancels are appended soon. */
  noteCancel({ appendedAt, fingerprint }: CancelEvent): boolean {
    const until = appendedAt + this.options.dedupe.retentionMs;
    this.checkpoints.need(until);
    return this.seen.note(fingerprint, until, this.now);
  }

  has(fingerprint: Fingerprint): boolean {
    return this.seen.has(fingerprint);
  }

  /** Whether `has` being false proves that the log has no earlier copy of such an id. */
  isDefinite(made: number | undefined): boolean {
    if (this.seen.isIncomplete(this.logTime)) return false;
    return this.isBefore(this.options.dedupe.rememberUntil(made));
  }

  /** Until this log time the channel's ids are looked up; undefined for an id of the present. */
  futureUntil({ made }: EntryEvent, { logTime }: Now): number | undefined {
    const until = this.options.dedupe.rememberUntil(made);
    return this.seen.isFuture(until, logTime) ? until : undefined;
  }

  /** Whether ids of the future were dropped; then `lookUpUntil` of a channel's states decides. */
  get isFutureIncomplete(): boolean {
    return this.seen.isFutureIncomplete(this.logTime);
  }

  /** Evicts ids that are no longer needed. All records below `offset` must be noted before. */
  batchDone(offset: number): void {
    const { now } = this;
    this.seen.evict(now);
    this.readTo = offset;
    this.noteCheckpoint();
  }

  /** The position to commit if all records below `done` are stored and saved. */
  positionAt(done: number): Position {
    // Also at rest, so that a successor reads nothing again once these ids are old.
    this.noteCheckpoint();
    return { done, ...this.checkpoints.startOf(done, this.now.monotonic) };
  }

  private noteCheckpoint(): void {
    if (this.readTo === undefined) return;
    this.checkpoints.note(this.readTo, { ...this.now, logTime: this.notedTime });
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
