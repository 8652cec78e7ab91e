import { Checkpoints } from '../../../schemas/checkpoints';
import type { Position } from '../../../schemas/position';
import type { LogRecord } from '../../log-source';
import { markOf, type RecordMark } from '../../shared/recent-records';
import type { MarkedPosition } from '../positions/group-positions';

/** A record that was consumed, and the offset after it. */
interface Consumed {
  readonly next: number;
  readonly last: LogRecord | undefined;
}

const NONE_CONSUMED: Consumed = { next: 0, last: undefined };

/**
 * The position in one partition of a mirrored topic. The owner has consumed all records below
 * `done`. A successor reads from `from`, in order to load the ids that peers have counted. `from`
 * advances by the same two clocks as in our own log: the append times of the mirrored records in
 * our Kafka, and the owner's monotonic clock.
 */
export class PeerPosition {
  private readonly checkpoints: Checkpoints;
  private logTime: number | undefined;
  private consumed = NONE_CONSUMED;
  /** The last record consumed when `positionToCommit` was called last. */
  private confirmed = NONE_CONSUMED;

  constructor(
    /** The position that was committed when the partition was assigned. */
    private readonly start: Position,
    /** How long ids are remembered, ms (`dedupe-window.ts`). */
    private readonly retentionMs: number,
    /** The mark of that position. */
    private readonly mark?: RecordMark | undefined,
  ) {
    const { done: _, ...rest } = start;
    this.logTime = start.logTime;
    this.checkpoints = new Checkpoints(retentionMs, rest);
  }

  /** The first offset to read: before `from`, if the mark is to be verified there. */
  get readFrom(): number {
    return Math.min(this.start.from, this.mark?.offset ?? this.start.from);
  }

  /** The offset after the last record that was consumed, by an earlier owner or by this one. */
  get end(): number {
    return Math.max(this.start.done, this.consumed.next);
  }

  /** Until this log time all ids are looked up: peers' ids before `from` may still be needed. */
  get lookUpUntil(): number | undefined {
    return this.start.lookUpUntil;
  }

  /** Whether an earlier owner consumed the record at this offset. */
  wasConsumed(offset: number): boolean {
    return offset < this.start.done;
  }

  /** Whether these include the marked record and it differs: the topic was replaced. */
  isReplacedBy(records: readonly LogRecord[]): boolean {
    const { mark } = this;
    const record = mark && records.find(({ offset }) => offset === mark.offset);
    return record !== undefined && markOf(record).hash !== mark?.hash;
  }

  /** Notes that the owner has consumed these records, in order. `monotonic` is its clock, ms. */
  consume(records: readonly LogRecord[], monotonic: number): void {
    const last = records.at(-1);
    if (!last) return;
    for (const { appendedAt } of records) {
      this.logTime = Math.max(this.logTime ?? appendedAt, appendedAt);
      this.checkpoints.need(appendedAt + this.retentionMs);
    }
    this.consumed = { next: last.offset + 1, last };
    this.checkpoints.note(this.consumed.next, { logTime: this.logTime, monotonic });
  }

  /**
   * The position to commit. It covers the records consumed before the previous call, because newer
   * ones may not have reached the cache.
   */
  positionToCommit(monotonic: number): MarkedPosition {
    const { last, next } = this.confirmed;
    this.confirmed = this.consumed;
    const isAhead = last !== undefined && next > this.start.done;
    const done = isAhead ? next : this.start.done;
    const mark = isAhead ? markOf(last) : this.mark;
    return { position: { done, ...this.checkpoints.startOf(done, monotonic) }, mark };
  }
}
